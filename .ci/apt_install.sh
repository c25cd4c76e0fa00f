#!/bin/sh
# Installs the system packages named after $1, which says what they are for; fails, saying so, where it cannot.
set -eu
purpose=$1
shift

if ! command -v apt-get >/dev/null 2>&1; then
    echo "For $purpose, install what your system calls: $*" >&2
    exit 1
fi
if [ "$(id -u)" -eq 0 ]; then
    as_root=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root="sudo"
else
    echo "For $purpose: sudo apt-get install $*" >&2
    exit 1
fi
echo "Installing $* for $purpose ..."
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq >/dev/null && $as_root apt-get install -y -qq --no-install-recommends "$@" >/dev/null || {
    echo "For $purpose, these packages could not be installed: $*" >&2
    exit 1
}
