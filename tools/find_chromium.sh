#!/bin/sh
# Print the Chromium the browser tests use ($TITAN_CHROMIUM or the first on the PATH); exit 1 where there is none.
set -eu
for candidate in "${TITAN_CHROMIUM:-}" chromium chromium-browser google-chrome; do
    if [ -n "$candidate" ] && command -v "$candidate" >/dev/null; then command -v "$candidate"; exit 0; fi
done
exit 1
