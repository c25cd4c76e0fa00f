#!/bin/sh
# The browser tests need a Chromium and a font with Korean and Chinese, the tests of many raters a PostgreSQL server; all
# come from the system's packages.
# Where they cannot be installed this only says so: those tests then skip with a message, or fail when CI=true.
set -eu

has_browser() { command -v chromium || command -v chromium-browser || command -v google-chrome; }
has_font() { command -v fc-list && fc-list :lang=ko family | grep -q . && fc-list :lang=zh-cn family | grep -q .; }
has_postgresql() { command -v pg_ctl || ls /usr/lib/postgresql/*/bin/pg_ctl; }

if ! { has_browser && has_font; } >/dev/null 2>&1; then
    .ci/apt_install.sh "the browser tests" chromium fonts-noto-cjk || true
fi
if ! has_postgresql >/dev/null 2>&1; then
    .ci/apt_install.sh "the tests of many raters" postgresql || true
fi
