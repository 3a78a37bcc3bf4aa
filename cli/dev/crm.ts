import { createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";
import postgres, { type Sql } from "postgres";

export type Crm = {
  /** For the target's describe role. */
  describeUrl: string;
  /** For the target's export role. */
  exportUrl: string;
};

const DATABASE = "crm";
const ROLES = { describe: "crm_describe", export: "crm_export" } as const;

/**
 * Makes the demo's target: a database `crm` with two roles that can only read. Calling it again
 * changes nothing, and several processes may call it at once.
 */
export async function seedCrm(superuserUrl: string): Promise<Crm> {
  const server = postgres(superuserUrl, QUIET);
  try {
    // Held until this connection ends, so that of several starts one makes the database and the others find it.
    await server`select pg_advisory_lock(hashtext('countersign demo crm'))`;
    for (const role of Object.values(ROLES)) await ensureRole(server, role, passwordOf(superuserUrl, role));
    await ensureDatabase(server);
    await fill(withDatabase(superuserUrl, null));
  } finally {
    await server.end();
  }
  return {
    describeUrl: withDatabase(superuserUrl, ROLES.describe),
    exportUrl: withDatabase(superuserUrl, ROLES.export),
  };
}

const QUIET = { max: 1, onnotice: () => undefined };

async function ensureRole(server: Sql, role: string, password: string): Promise<void> {
  const [found] = await server`select 1 from pg_roles where rolname = ${role}`;
  const verb = found ? "alter" : "create";
  await server.unsafe(
    `${verb} role ${role} login nosuperuser nocreatedb nocreaterole noinherit connection limit 20 password '${password}'`,
  );
  await server.unsafe(`alter role ${role} set default_transaction_read_only = on`);
}

async function ensureDatabase(server: Sql): Promise<void> {
  const [found] = await server`select 1 from pg_database where datname = ${DATABASE}`;
  if (!found) await server.unsafe(`create database ${DATABASE} template template0 encoding 'UTF8'`);
  await server.unsafe(`revoke all on database ${DATABASE} from public`);
  await server.unsafe(`grant connect on database ${DATABASE} to ${ROLES.describe}, ${ROLES.export}`);
}

/** All in one transaction: a start that was killed half-way leaves an empty database, which the next one fills. */
async function fill(url: string): Promise<void> {
  const database = postgres(url, QUIET);
  try {
    const [there] = await database`select to_regclass('public.customers') as name`;
    if (there?.name !== null) return;
    const script = await readFile(new URL("./crm.sql", import.meta.url), "utf8");
    await database.begin((sql) => sql.unsafe(script));
    // Without statistics the estimates that reviewers read would be guesses.
    await database`analyze`;
  } finally {
    await database.end();
  }
}

/** Follows from the installation's own random superuser password, so there is nothing to store or to lose. */
function passwordOf(superuserUrl: string, role: string): string {
  const { password } = new URL(superuserUrl);
  if (password === "") throw new Error("The superuser URL has no password to derive the demo roles' passwords from.");
  return createHmac("sha256", decodeURIComponent(password)).update(role).digest("hex");
}

function withDatabase(superuserUrl: string, role: string | null): string {
  const url = new URL(superuserUrl);
  url.pathname = `/${DATABASE}`;
  if (role !== null) {
    url.username = role;
    url.password = passwordOf(superuserUrl, role);
  }
  return url.toString();
}
