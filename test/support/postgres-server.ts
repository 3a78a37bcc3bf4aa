import { join } from "node:path";
import { freePort } from "../../cli/dev/ports.ts";
import { type Postgres, startPostgres } from "../../cli/dev/postgres.ts";

/** A real PostgreSQL for tests: nothing is kept, so nothing is synced. */
export async function startTestPostgres(directory: string, binariesDirectory: string): Promise<Postgres> {
  return startPostgres({
    directory: join(directory, "postgres"),
    port: await freePort(),
    logFile: join(directory, "postgres.log"),
    pidDirectory: directory,
    binariesDirectory,
    settings: ["fsync=off", "synchronous_commit=off", "full_page_writes=off"],
  });
}
