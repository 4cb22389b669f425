#!/bin/sh
# Run every test: pytest, then Vitest. Both run even if the first fails; the last line says what was left out.
#   TITAN_STRICT=1  nothing may be left out: no Chromium, a skip or an expected failure is a failure (.ci/run)
set -eu
cd "$(dirname "$0")/.."
export PYTHONUNBUFFERED=1
strict=${TITAN_STRICT:-0}
results=test-results
mkdir -p "$results"
failed=""

if chromium=$(tools/find_chromium.sh); then
    export TITAN_CHROMIUM="$chromium"
    set -- tests
else
    chromium=""
    set -- tests -m "not browser"
    if [ "$strict" = 1 ]; then failed="$failed no-chromium"; fi
fi
if [ "$strict" = 1 ]; then set -- -p tools.no_skips "$@"; fi

started=$(date +%s)
.venv/bin/python -m pytest --durations=15 "$@" || failed="$failed pytest"
echo "· pytest took $(($(date +%s) - started)) s"

started=$(date +%s)
(cd frontend/react_app && npm test --silent -- --reporter=default --reporter=json --outputFile.json="../../$results/vitest.json") ||
    failed="$failed vitest"
if [ "$strict" = 1 ]; then .venv/bin/python tools/vitest_complete.py "$results/vitest.json" || failed="$failed vitest-skips"; fi
echo "· Vitest took $(($(date +%s) - started)) s"

echo
if [ -z "$chromium" ]; then
    echo "!! NO CHROMIUM FOUND: the browser tests in tests/e2e were LEFT OUT. Install it (Debian: apt-get install chromium)"
    echo "!! or set TITAN_CHROMIUM to a Chromium or Chrome, and run make test again."
fi
if [ -n "$failed" ]; then echo "FAILED:$failed"; exit 1; fi
if [ -z "$chromium" ]; then echo "Passed, without the browser tests."; else echo "Passed, browser tests included."; fi
