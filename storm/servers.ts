import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import type { Child } from "../cli/dev/child.ts";
import { startTestPostgres } from "../test/support/postgres-server.ts";
import { startTestTemporal } from "../test/support/temporal-server.ts";

export type Servers = { postgresUrl: string; temporalAddress: string; targetLog: string };

/** A Postgres and a Temporal server for one storm, gone when it is over, however it ends. */
export async function withServers<T>(work: (servers: Servers) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), "countersign-storm-"));
  chmodSync(directory, 0o711);
  const started: Child[] = [];
  try {
    const database = await startTestPostgres(directory, join(tmpdir(), `countersign-postgres-${userInfo().uid}`));
    started.push(database.child);
    const temporal = await startTestTemporal(directory);
    started.push(temporal.child);
    const targetLog = join(directory, "postgres.log");
    return await work({ postgresUrl: database.url, temporalAddress: temporal.address, targetLog });
  } finally {
    for (const child of started.toReversed()) await child.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The target itself writes down what the exporting role has it run: a witness that is none of ours. */
export async function witnessRuns(superuserUrl: string): Promise<void> {
  const sql = postgres(superuserUrl, { max: 1, onnotice: () => undefined });
  await sql`alter role crm_export set log_statement = 'all'`;
  await sql.end();
}
