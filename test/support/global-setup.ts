import { chmodSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import type { Child } from "../../cli/dev/child.ts";
import { isOurs, readPidFiles, stopLeftover, writePidFile } from "../../cli/dev/pid-file.ts";
import { startTestPostgres } from "./postgres-server.ts";
import { startTestTemporal } from "./temporal-server.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Superuser URL of the run's one Postgres. */
    postgresUrl: string;
    /** Address of the run's one Temporal server. */
    temporalAddress: string;
  }
}

const PREFIX = "countersign-test-";

/** One Postgres and one Temporal server a run, started here and stopped at the end. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await removeLeftovers();
  const directory = mkdtempSync(join(tmpdir(), PREFIX));
  chmodSync(directory, 0o711);
  writePidFile(directory, { name: "owner", pid: process.pid, marker: "vitest", stopSignal: "SIGTERM" });
  const started: Child[] = [];
  const stop = async () => {
    for (const child of started.toReversed()) await child.stop();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const postgres = await startTestPostgres(directory, join(tmpdir(), `countersign-postgres-${userInfo().uid}`));
    started.push(postgres.child);
    const temporal = await startTestTemporal(directory);
    started.push(temporal.child);
    project.provide("postgresUrl", postgres.url);
    project.provide("temporalAddress", temporal.address);
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}

/** A run that was killed could not clean up; its servers would stay for ever. */
async function removeLeftovers(): Promise<void> {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const directory = join(tmpdir(), name);
    const entries = readPidFiles(directory);
    const owner = entries.find((entry) => entry.name === "owner");
    if (owner === undefined || isOurs(owner)) continue;
    for (const entry of entries) await stopLeftover(entry);
    rmSync(directory, { recursive: true, force: true });
  }
}
