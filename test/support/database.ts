import { randomBytes } from "node:crypto";
import postgres from "postgres";
import { APP_ROLE, EXECUTOR_ROLE, migrate } from "../../db/migrate.ts";

export type FreshDatabase = {
  /** The operator's connection: owns the tables. */
  adminUrl: string;
  /** API and workflow worker. */
  appUrl: string;
  executorUrl: string;
  drop(): Promise<void>;
};

/** Roles are the cluster's, so every database of a run gives them the same passwords. */
export const TEST_PASSWORDS = { appPassword: "app-password", executorPassword: "executor-password" };

/** A migrated database of one's own, made inside the run's one Postgres. */
export async function freshDatabase(superuserUrl: string): Promise<FreshDatabase> {
  const name = `test_${randomBytes(8).toString("hex")}`;
  await asSuperuser(superuserUrl, `create database ${name} template template0`);
  const adminUrl = within(superuserUrl, name, null);
  await migrate(adminUrl, TEST_PASSWORDS);
  return {
    adminUrl,
    appUrl: within(superuserUrl, name, { user: APP_ROLE, password: TEST_PASSWORDS.appPassword }),
    executorUrl: within(superuserUrl, name, { user: EXECUTOR_ROLE, password: TEST_PASSWORDS.executorPassword }),
    drop: () => asSuperuser(superuserUrl, `drop database if exists ${name} with (force)`),
  };
}

/** An empty database, for tests of the migrations themselves. */
export async function emptyDatabase(superuserUrl: string): Promise<{ adminUrl: string; drop(): Promise<void> }> {
  const name = `test_${randomBytes(8).toString("hex")}`;
  await asSuperuser(superuserUrl, `create database ${name} template template0`);
  return {
    adminUrl: within(superuserUrl, name, null),
    drop: () => asSuperuser(superuserUrl, `drop database if exists ${name} with (force)`),
  };
}

async function asSuperuser(superuserUrl: string, statement: string): Promise<void> {
  const sql = postgres(superuserUrl, { max: 1, onnotice: () => {} });
  try {
    await sql.unsafe(statement);
  } finally {
    await sql.end();
  }
}

function within(superuserUrl: string, database: string, login: { user: string; password: string } | null): string {
  const url = new URL(superuserUrl);
  url.pathname = `/${database}`;
  if (login) {
    url.username = login.user;
    url.password = login.password;
  }
  return url.toString();
}
