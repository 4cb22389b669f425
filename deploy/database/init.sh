#!/bin/sh
# Make TITAN's role and its two databases: run once by the database's image, or by hand as the server's superuser
#   TITAN_PASSWORD_FILE=/path/to/titan_password PGHOST=… PGUSER=postgres ./init.sh
set -eu

role=${TITAN_DB_ROLE:-titan}
prices=${TITAN_DB_PRICES:-titan_prices}
password=$(cat "${TITAN_PASSWORD_FILE:-/run/secrets/titan_password}")

psql --no-psqlrc --set ON_ERROR_STOP=1 --dbname postgres \
    --set role="$role" --set password="$password" --set main="${TITAN_DB_MAIN:-titan}" --set prices="$prices" <<'SQL'
CREATE ROLE :"role" LOGIN PASSWORD :'password';
CREATE DATABASE :"main" OWNER :"role";
CREATE DATABASE :"prices" OWNER :"role";
REVOKE ALL ON DATABASE :"main" FROM PUBLIC;
REVOKE ALL ON DATABASE :"prices" FROM PUBLIC;
SQL
# the extension is the superuser's to make; without its packages TITAN runs on plain tables
psql --no-psqlrc --set ON_ERROR_STOP=1 --dbname "$prices" \
    --command 'CREATE EXTENSION IF NOT EXISTS timescaledb'
