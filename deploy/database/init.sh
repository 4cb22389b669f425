#!/bin/sh
# Make TITAN's role and its two databases: run once by the database's image, or by hand as the server's superuser
#   TITAN_PASSWORD_FILE=/path/to/titan_password PGHOST=… PGUSER=postgres ./init.sh
set -eu

password=$(cat "${TITAN_PASSWORD_FILE:-/run/secrets/titan_password}")

psql --no-psqlrc --set ON_ERROR_STOP=1 --set password="$password" --dbname postgres <<'SQL'
CREATE ROLE titan LOGIN PASSWORD :'password';
CREATE DATABASE titan OWNER titan;
CREATE DATABASE titan_prices OWNER titan;
REVOKE ALL ON DATABASE titan FROM PUBLIC;
REVOKE ALL ON DATABASE titan_prices FROM PUBLIC;
SQL
# the extension is the superuser's to make; without its packages TITAN runs on plain tables
psql --no-psqlrc --set ON_ERROR_STOP=1 --dbname titan_prices \
    --command 'CREATE EXTENSION IF NOT EXISTS timescaledb'
