#!/bin/sh
# The browser tests need a Chromium and a font with Korean and Chinese; both come from the system's packages.
# Where they cannot be installed this only says so: the browser tests then skip with a message, or fail when CI=true.
set -eu

has_browser() { command -v chromium || command -v chromium-browser || command -v google-chrome; }
has_font() { command -v fc-list && fc-list :lang=ko family | grep -q . && fc-list :lang=zh-cn family | grep -q .; }

if has_browser >/dev/null 2>&1 && has_font >/dev/null 2>&1; then
    exit 0
fi
.ci/apt_install.sh "the browser tests" chromium fonts-noto-cjk || true
