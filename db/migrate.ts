import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import postgres from "postgres";
import { CountersignError } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import { codeOf } from "./client.ts";
import { scramVerifier } from "./scram.ts";

export const APP_ROLE = "countersign_app";
export const EXECUTOR_ROLE = "countersign_executor";

export type RolePasswords = { appPassword: string; executorPassword: string };
export type Migrated = { applied: string[] };

/**
 * Brings the database of this URL up to date: roles, then every migration not yet applied, each in a
 * transaction of its own. Any number of processes may call it at once. A migration that was applied
 * and has changed since is MIGRATION_CHANGED, and nothing is done.
 */
export async function migrate(adminUrl: string, passwords: RolePasswords): Promise<Migrated> {
  const files = await migrationFiles();
  const sql = postgres(adminUrl, {
    max: 1,
    onnotice: () => {},
    connect_timeout: LIMITS.databaseSeconds,
    connection: { application_name: "countersign-migrate", statement_timeout: LIMITS.migrationSeconds * 1000 },
  });
  try {
    await ensureRole(sql, APP_ROLE, passwords.appPassword);
    await ensureRole(sql, EXECUTOR_ROLE, passwords.executorPassword);
    await sql`select pg_advisory_lock(${MIGRATION_LOCK})`;
    await closeToStrangers(sql);
    return { applied: await applyMissing(sql, files) };
  } catch (error) {
    if (codeOf(error)?.startsWith("E") || codeOf(error)?.startsWith("CONN")) {
      throw new CountersignError("DATABASE_UNAVAILABLE", `The driver says ${codeOf(error)}.`, { cause: error });
    }
    throw error;
  } finally {
    await sql.end({ timeout: LIMITS.databaseSeconds });
  }
}

/** Arbitrary, but the same in every version of this program. */
const MIGRATION_LOCK = 7_203_114_550;

type MigrationFile = { name: string; text: string; digest: string };

async function migrationFiles(): Promise<MigrationFile[]> {
  const folder = new URL("./migrations/", import.meta.url);
  const names = (await readdir(folder)).filter((name) => name.endsWith(".sql")).sort();
  return Promise.all(
    names.map(async (name) => {
      // A checkout with other line ends is still the same migration.
      const text = (await readFile(new URL(name, folder), "utf8")).replaceAll("\r\n", "\n");
      return { name, text, digest: `sha256:${createHash("sha256").update(text).digest("hex")}` };
    }),
  );
}

async function applyMissing(sql: postgres.Sql, files: MigrationFile[]): Promise<string[]> {
  await sql`
    create table if not exists schema_migrations (
      name text primary key, digest text not null, applied_at timestamptz not null default now()
    )`;
  const rows = await sql<{ name: string; digest: string }[]>`select name, digest from schema_migrations`;
  const recorded = new Map(rows.map((row) => [row.name, row.digest]));
  refuseChanged(files, recorded);
  const missing = files.filter((file) => !recorded.has(file.name));
  for (const file of missing) {
    await sql.begin(async (transaction) => {
      await transaction.unsafe(file.text);
      await transaction`insert into schema_migrations (name, digest) values (${file.name}, ${file.digest})`;
    });
  }
  return missing.map((file) => file.name);
}

function refuseChanged(files: MigrationFile[], recorded: Map<string, string>): void {
  for (const [name, digest] of recorded) {
    const file = files.find((candidate) => candidate.name === name);
    if (!file)
      throw new CountersignError("MIGRATION_CHANGED", `${name} was applied and this program does not have it.`);
    if (file.digest !== digest) {
      throw new CountersignError("MIGRATION_CHANGED", `${name} was applied as ${digest} and now is ${file.digest}.`);
    }
  }
}

/** Only the roles named here connect; by default a cluster lets every role into every database. */
async function closeToStrangers(sql: postgres.Sql): Promise<void> {
  const [row] = await sql<{ name: string }[]>`select quote_ident(current_database()) as name`;
  if (!row) throw new CountersignError("INTERNAL", "The database did not say its name.");
  await sql.unsafe(`revoke all on database ${row.name} from public`);
  await sql.unsafe(`grant connect on database ${row.name} to ${APP_ROLE}, ${EXECUTOR_ROLE}`);
}

/**
 * Roles belong to the cluster and advisory locks to one database, so two databases that migrate at once
 * can meet here. Whoever loses finds the role there, or its row just changed, and goes round again.
 */
async function ensureRole(sql: postgres.Sql, role: string, password: string): Promise<void> {
  const settings = `login nosuperuser nocreatedb nocreaterole noreplication nobypassrls`;
  // Only a verifier is sent, so no server log can ever hold the password.
  const secret = `password '${scramVerifier(password)}'`;
  for (let attempt = 1; ; attempt++) {
    try {
      const [existing] = await sql`select 1 from pg_roles where rolname = ${role}`;
      await sql.unsafe(`${existing ? "alter" : "create"} role ${role} ${settings} ${secret}`);
      return;
    } catch (error) {
      if (attempt === ROLE_ATTEMPTS || !CONCURRENT_ROLE_CODES.has(codeOf(error) ?? "")) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 100));
    }
  }
}

const ROLE_ATTEMPTS = 50;
/** Already there; inserted by somebody else this moment; "tuple concurrently updated". */
const CONCURRENT_ROLE_CODES = new Set(["42710", "23505", "XX000"]);
