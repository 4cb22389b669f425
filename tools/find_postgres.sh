#!/bin/sh
# Print the folder of PostgreSQL's server programs that the tests start a private server from
# ($TITAN_TEST_POSTGRES_BIN, else the newest one installed); exit 1 where there is none.
set -eu
for folder in "${TITAN_TEST_POSTGRES_BIN:-}" $(ls -d /usr/lib/postgresql/*/bin /usr/pgsql-*/bin \
    /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin 2>/dev/null | sort -rV) \
    "$(dirname "$(command -v initdb || echo /nowhere/initdb)")"; do
    if [ -n "$folder" ] && [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ]; then echo "$folder"; exit 0; fi
done
exit 1
