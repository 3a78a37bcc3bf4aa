import { join } from "node:path";
import { cacheDirectory } from "../../cli/dev/home.ts";
import { freePort } from "../../cli/dev/ports.ts";
import { startTemporal, type Temporal } from "../../cli/dev/temporal.ts";
import { temporalBinary } from "../../cli/dev/temporal-binary.ts";

/** A real Temporal server for tests, in memory, with the attributes that workers expect. */
export async function startTestTemporal(directory: string): Promise<Temporal> {
  const { path } = await temporalBinary(cacheDirectory());
  return startTemporal({
    binary: path,
    port: await freePort(),
    namespace: "default",
    logFile: join(directory, "temporal.log"),
    pidDirectory: directory,
    database: null,
    ui: null,
  });
}
