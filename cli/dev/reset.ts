import { existsSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { CommandFailure } from "../exit-codes.ts";
import { explainFailure } from "../failure.ts";
import { remark } from "../terminal.ts";
import { devHome } from "./home.ts";
import { lockHolder } from "./lock.ts";
import { stopLeftovers } from "./pid-file.ts";

/** Forgets everything `npm start` kept in this clone; caches that clones share stay. */
async function reset(data: string | undefined): Promise<void> {
  const home = data === undefined ? devHome() : devHome(resolve(data));
  const holder = lockHolder(home.run);
  if (holder !== null) {
    throw new CommandFailure("refused", "ALREADY_RUNNING", `This clone is running (process ${holder}).`, {
      next: "Stop it with Ctrl-C first.",
    });
  }
  if (!existsSync(home.directory) && !existsSync(home.postgres)) return remark("There is nothing to remove.");
  const left = await stopLeftovers(home.run);
  if (left.length > 0) remark(`Stopped what a killed start had left running: ${left.join(", ")}.`);
  rmSync(home.postgres, { recursive: true, force: true });
  rmSync(home.directory, { recursive: true, force: true });
  remark(`Removed ${home.directory}.`);
}

try {
  await reset(parseArgs({ options: { data: { type: "string" } } }).values.data);
} catch (error) {
  process.exitCode = explainFailure(error, false);
}
