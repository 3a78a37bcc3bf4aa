import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import type { Child } from "../cli/dev/child.ts";
import { startTestPostgres } from "../test/support/postgres-server.ts";
import { startTestTemporal } from "../test/support/temporal-server.ts";

export type Servers = { postgresUrl: string; temporalAddress: string; pids: { [name: string]: number } };

/** A Postgres and a Temporal server for one benchmark, gone when it is over, however it ends. */
export async function withServers(
  work: (servers: Servers, stopTemporal: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "countersign-bench-"));
  chmodSync(directory, 0o711);
  const started: Child[] = [];
  try {
    const postgres = await startTestPostgres(directory, join(tmpdir(), `countersign-postgres-${userInfo().uid}`));
    started.push(postgres.child);
    const temporal = await startTestTemporal(directory);
    started.push(temporal.child);
    const pids = { temporal: temporal.child.pid, postgres: postgres.child.pid };
    await work({ postgresUrl: postgres.url, temporalAddress: temporal.address, pids }, () => temporal.child.stop());
  } finally {
    for (const child of started.toReversed()) await child.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}
