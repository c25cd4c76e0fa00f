#!/bin/sh
# Fetches the runtime of the card reader in the browser into the folder named by $1: two files of the npm package
# onnxruntime-web. Does nothing where they are already there. With --if-possible as $2 the lack of npm or of a network
# is no failure: the hub then only lacks that page's reader.
set -eu
version=1.30.0
sums='11e64bd8ffe11bd1a2a2f0d6275fdfbbba7262f0b76b99b53d228a8a22ef3d90  ort.wasm.bundle.min.mjs
3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2  ort-wasm-simd-threaded.wasm'
target=${1:?usage: vendor_onnxruntime_web.sh TARGET [--if-possible]}
failure=1
if [ "${2:-}" = --if-possible ]; then failure=0; fi

has_sums() {
    if command -v sha256sum >/dev/null 2>&1; then check="sha256sum"; else check="shasum -a 256"; fi
    (cd "$1" && printf '%s\n' "$sums" | $check --check --status) 2>/dev/null
}

mkdir -p "$target"
if has_sums "$target"; then
    exit 0
fi
if ! command -v npm >/dev/null 2>&1; then
    if [ "$failure" -eq 0 ]; then
        echo "Without npm the card reader in the browser is left out; \"make phone\" adds it."
        exit 0
    fi
    "$(dirname "$0")/apt_install.sh" "the card reader in the browser" npm
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo "Fetching onnxruntime-web $version (33 MB, of which 14 MB are kept) ..."
npm pack --silent --fetch-retries 1 --fetch-timeout 60000 --pack-destination "$work" "onnxruntime-web@$version" >/dev/null || {
    echo "npm could not fetch onnxruntime-web $version; the card reader in the browser cannot be built without it." >&2
    exit "$failure"
}
tar -xzf "$work/onnxruntime-web-$version.tgz" -C "$work"
if ! has_sums "$work/package/dist"; then
    echo "The files of onnxruntime-web $version are not those this project was tested with; nothing was installed." >&2
    exit 1
fi
printf '%s\n' "$sums" | while read -r _ name; do
    cp "$work/package/dist/$name" "$target/$name"
done
