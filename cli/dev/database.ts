import postgres from "postgres";
import { migrate } from "../../db/migrate.ts";
import type { DevSecrets } from "./secrets.ts";

export type DatabaseUrls = { admin: string; app: string; executor: string };

/** Our own database, migrated; each role with its own password. */
export async function prepareDatabase(serverUrl: string, secrets: DevSecrets): Promise<DatabaseUrls> {
  await createIfMissing(serverUrl, DATABASE);
  const admin = urlOf(serverUrl, { database: DATABASE });
  const { appPassword, executorPassword } = secrets;
  await migrate(admin, { appPassword, executorPassword });
  return {
    admin,
    app: urlOf(admin, { user: "countersign_app", password: appPassword }),
    executor: urlOf(admin, { user: "countersign_executor", password: executorPassword }),
  };
}

const DATABASE = "countersign";

async function createIfMissing(serverUrl: string, name: string): Promise<void> {
  const sql = postgres(serverUrl, { max: 1, onnotice: () => {} });
  try {
    const [row] = await sql`select 1 from pg_database where datname = ${name}`;
    if (row === undefined) await sql.unsafe(`create database ${name}`);
  } finally {
    await sql.end();
  }
}

function urlOf(url: string, change: { database?: string; user?: string; password?: string }): string {
  const changed = new URL(url);
  if (change.database !== undefined) changed.pathname = `/${change.database}`;
  if (change.user !== undefined) changed.username = change.user;
  if (change.password !== undefined) changed.password = change.password;
  return changed.href;
}
