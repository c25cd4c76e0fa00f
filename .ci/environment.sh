#!/bin/sh
# Builds the virtual environment named by $1 with the interpreter named by $2: packages, then the torchvision guard.
set -eu
venv=$1
python=$2

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' || {
    echo "Python 3.10 or newer is needed; $python is $("$python" --version 2>&1)." >&2
    exit 1
}
if [ ! -x "$venv/bin/python" ] && ! "$python" -m venv "$venv" 2>/dev/null; then
    # Debian keeps venv's bootstrap in a package of its own.
    rm -rf "$venv"
    if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null
    fi
    "$python" -m venv "$venv" || { echo "Install python3-venv, then run make again." >&2; exit 1; }
fi
echo "Installing requirements.txt into $venv (about 2 GB, one or two minutes the first time) ..."
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --requirement requirements.txt

packages=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
cp .ci/torchvision_guard.py "$packages/torchvision_guard.py"
echo 'import torchvision_guard; torchvision_guard.install()' >"$packages/torchvision_guard.pth"
