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
    .ci/apt_install.sh "the virtual environment" python3-venv
    "$python" -m venv "$venv"
fi
headers=$("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')
needed='#include <Python.h>\n#include <zlib.h>\n#include <bzlib.h>\n#include <lzma.h>\n'
if ! printf "$needed" | g++ -I"$headers" -x c++ -E - >/dev/null 2>&1; then
    .ci/apt_install.sh "compiling kenlm and eflomal" g++ python3-dev zlib1g-dev libbz2-dev liblzma-dev
fi
echo "Installing requirements.txt into $venv (about 2 GB, a few minutes the first time) ..."
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --requirement requirements.txt

packages=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
cp .ci/torchvision_guard.py "$packages/torchvision_guard.py"
echo 'import torchvision_guard; torchvision_guard.install()' >"$packages/torchvision_guard.pth"
