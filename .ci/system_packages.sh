#!/bin/sh
# The browser tests need a Chromium and a font with Korean and Chinese; both come from the system's packages.
# Where they cannot be installed this only says so: the browser tests then skip with a message, or fail when CI=true.
set -eu

has_browser() { command -v chromium || command -v chromium-browser || command -v google-chrome; }
has_font() { command -v fc-list && fc-list :lang=ko family | grep -q . && fc-list :lang=zh-cn family | grep -q .; }

if has_browser >/dev/null 2>&1 && has_font >/dev/null 2>&1; then
    exit 0
fi
if ! command -v apt-get >/dev/null 2>&1; then
    echo "Browser tests need Chromium and a Korean/Chinese font: install them with your system's package manager." >&2
    exit 0
fi
if [ "$(id -u)" -eq 0 ]; then
    as_root=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root="sudo"
else
    echo "Browser tests need: sudo apt-get install chromium fonts-noto-cjk" >&2
    exit 0
fi
echo "Installing chromium and fonts-noto-cjk for the browser tests ..."
export DEBIAN_FRONTEND=noninteractive
{
    $as_root apt-get update -qq
    $as_root apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk
} >/dev/null || echo "The packages chromium and fonts-noto-cjk could not be installed; browser tests will say so." >&2
