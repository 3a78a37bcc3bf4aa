import { existsSync, rmSync } from "node:fs";
import { CommandFailure } from "../exit-codes.ts";
import { explainFailure } from "../failure.ts";
import { remark } from "../terminal.ts";
import { devHome } from "./home.ts";
import { lockHolder } from "./lock.ts";
import { stopLeftovers } from "./pid-file.ts";

/** Forgets everything `npm start` kept in this clone; caches that clones share stay. */
async function reset(): Promise<void> {
  const home = devHome();
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
  await reset();
} catch (error) {
  process.exitCode = explainFailure(error, false);
}
