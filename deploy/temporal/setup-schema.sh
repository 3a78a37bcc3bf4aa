#!/bin/sh
# Both of Temporal's databases, made or brought up to this release; running it again changes nothing.
set -eu
SQL_PASSWORD="$(cat /run/secrets/temporal_database_password)"
export SQL_PASSWORD
versions=/etc/temporal/schema/postgresql/v12
for pair in temporal:temporal temporal_visibility:visibility; do
  database="${pair%%:*}"
  tool() { temporal-sql-tool --plugin postgres12 --ep postgres -u temporal -p 5432 --db "$database" "$@"; }
  # "Already there" is the only failure that a second run may have; a real one shows in the next line.
  tool create || true
  tool setup-schema -v 0.0 || true
  tool update-schema -d "$versions/${pair##*:}/versioned"
done
