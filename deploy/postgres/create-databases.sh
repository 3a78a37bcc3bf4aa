#!/bin/sh
# Runs once, when the volume is new: a role and an owner of its own for Temporal, a database for Countersign.
set -eu
password="$(cat /run/secrets/temporal_database_password)"
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --set password="$password" <<'SQL'
create role temporal login createdb password :'password';
create database countersign;
SQL
