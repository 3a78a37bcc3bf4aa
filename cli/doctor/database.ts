import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { LIMITS } from "../../core/limits.ts";
import { createVerifier } from "../../crypto/signature.ts";
import { loadTrust } from "../../crypto/trust-file.ts";
import { connect, type Database } from "../../db/client.ts";
import { latestConfiguration } from "../../db/read/configuration.ts";
import { failureOf } from "../failure.ts";
import { clockFinding, type Finding, notChecked, ok, type Surroundings, wrong } from "./check.ts";

/** The database, its migrations, its clock, and whether the configuration in force is signed by whom we trust. */
export async function checkDatabase(surroundings: Surroundings): Promise<Finding[]> {
  if (surroundings.databaseUrl === null) {
    return [notChecked("database", "set COUNTERSIGN_DATABASE_URL to an administrator's or the application's URL")];
  }
  const database = connect(surroundings.databaseUrl, { max: 1 });
  try {
    const [row] = await database.sql<{ version: string; now: string }[]>`
      select current_setting('server_version') as version, extract(epoch from clock_timestamp()) * 1000 as now`;
    return [
      ok("database", `answers, PostgreSQL ${row?.version}`),
      clockFinding("database clock", Number(row?.now), surroundings.now(), LIMITS.clockSkewSeconds),
      ...(await checkMigrations(database)),
      await checkConfiguration(database, surroundings.trustFile),
    ];
  } catch (error) {
    const failure = failureOf(error);
    return [wrong("database", failure.message, failure.next ?? "Check COUNTERSIGN_DATABASE_URL.")];
  } finally {
    await database.close();
  }
}

async function checkMigrations({ sql }: Database): Promise<Finding[]> {
  const folder = new URL("../../db/migrations/", import.meta.url);
  const files = (await readdir(folder)).filter((name) => name.endsWith(".sql")).sort();
  const [table] = await sql<{ found: boolean; readable: boolean }[]>`
    select to_regclass('schema_migrations') is not null as found,
      coalesce(has_table_privilege(to_regclass('schema_migrations'), 'select'), false) as readable`;
  if (!table?.found) {
    return [wrong("migrations", `none of ${files.length} applied`, "Run `countersign migrate` as the migrator.")];
  }
  if (!table.readable)
    return [notChecked("migrations", "this role may not read schema_migrations; use the migrator's")];
  const rows = await sql<{ name: string; digest: string }[]>`select name, digest from schema_migrations`;
  const applied = new Map(rows.map((row) => [row.name, row.digest]));
  const missing = files.filter((name) => !applied.has(name));
  if (missing.length > 0) {
    return [wrong("migrations", `${missing.join(", ")} not applied`, "Run `countersign migrate` as the migrator.")];
  }
  for (const name of files) {
    const text = (await readFile(new URL(name, folder), "utf8")).replaceAll("\r\n", "\n");
    if (applied.get(name) !== `sha256:${createHash("sha256").update(text).digest("hex")}`) {
      return [
        wrong("migrations", `${name} differs from what was applied`, "Use the release that migrated this database."),
      ];
    }
  }
  const newer = rows.length - files.length;
  if (newer > 0)
    return [wrong("migrations", `${newer} applied that this version does not know`, "Update this program.")];
  return [ok("migrations", `all ${files.length} applied`)];
}

async function checkConfiguration(database: Database, trustFile: string | null): Promise<Finding> {
  const check = "configuration";
  const latest = await latestConfiguration(database);
  if (latest === null) return wrong(check, "none has been applied", "Apply one: `countersign apply`.");
  if (trustFile === null)
    return notChecked(check, `version ${latest.version}; set COUNTERSIGN_TRUST_FILE to check its signature`);
  try {
    const { keyId } = await createVerifier(loadTrust(trustFile)).verify("configuration", latest.signed);
    return ok(check, `version ${latest.version}, signed by ${keyId}`);
  } catch (error) {
    return wrong(
      check,
      `version ${latest.version}: ${failureOf(error).message}`,
      "Apply it again with a trusted operator key.",
    );
  }
}
