#!/bin/sh
# Run every test: pytest, then Vitest. Both run even if the first fails; the last line says what was left out.
#   TITAN_STRICT=1  nothing may be left out: no Chromium, no PostgreSQL, a skip or an expected failure is a failure, and
#                   the web tests run a second time with both databases on PostgreSQL (.ci/run)
set -eu
cd "$(dirname "$0")/.."
export PYTHONUNBUFFERED=1
strict=${TITAN_STRICT:-0}
results=test-results
mkdir -p "$results"
failed=""

leave_out=""
if chromium=$(tools/find_chromium.sh); then
    export TITAN_CHROMIUM="$chromium"
else
    chromium=""
    leave_out="not browser"
    if [ "$strict" = 1 ]; then failed="$failed no-chromium"; fi
fi
if ! postgres=$(tools/find_postgres.sh); then
    postgres=""
    leave_out="${leave_out:+$leave_out and }not postgres"
    if [ "$strict" = 1 ]; then failed="$failed no-postgresql"; fi
fi
set -- tests
if [ -n "$leave_out" ]; then set -- tests -m "$leave_out"; fi
if [ "$strict" = 1 ]; then set -- -p tools.no_skips "$@"; fi

started=$(date +%s)
.venv/bin/python -m pytest --durations=15 "$@" || failed="$failed pytest"
echo "· pytest took $(($(date +%s) - started)) s"

if [ "$strict" = 1 ] && [ -n "$postgres" ]; then
    started=$(date +%s)
    TITAN_TEST_DATABASE=postgresql .venv/bin/python -m pytest -p tools.no_skips tests/web || failed="$failed pytest-on-postgresql"
    echo "· the web tests on PostgreSQL took $(($(date +%s) - started)) s"
fi

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
if [ -z "$postgres" ]; then
    echo "!! NO POSTGRESQL FOUND: the tests of bars on PostgreSQL were LEFT OUT. Install its server programs (Debian:"
    echo "!! apt-get install postgresql) or set TITAN_TEST_POSTGRES_BIN to their folder, and run make test again."
fi
if [ -n "$failed" ]; then echo "FAILED:$failed"; exit 1; fi
missing=""
if [ -z "$chromium" ]; then missing="the browser tests"; fi
if [ -z "$postgres" ]; then missing="${missing:+$missing and }the tests on PostgreSQL"; fi
if [ -n "$missing" ]; then echo "Passed, without $missing."; else echo "Passed, tests in the browser and on PostgreSQL included."; fi
