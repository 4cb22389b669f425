#!/bin/sh
# Vitest in the current folder, its report in the file named; with TITAN_STRICT=1 a test that is skipped is a failure.
set -eu
here=$(dirname "$0")
rm -f "$1"
npm test --silent -- --reporter=default --reporter=json --outputFile.json="$1"
if [ "${TITAN_STRICT:-0}" = 1 ]; then "$here/../.venv/bin/python" "$here/vitest_complete.py" "$1"; fi
