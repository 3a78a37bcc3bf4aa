import { linkSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CommandFailure } from "../exit-codes.ts";
import { commandLineOf, isOurs, readPidFile } from "./pid-file.ts";

export type Lock = { release(): void };

/** One `npm start` a clone. A lock whose holder is gone counts for nothing. */
export function takeLock(run: string): Lock {
  const path = lockPath(run);
  const mine = `${path}.${process.pid}`;
  const entry = { name: "start", pid: process.pid, marker: commandLineOf(process.pid), stopSignal: "SIGTERM" };
  writeFileSync(mine, `${JSON.stringify(entry)}\n`);
  try {
    for (;;) {
      const holder = lockHolder(run);
      if (holder !== null) throw alreadyRunning(holder);
      rmSync(path, { force: true });
      // A link either is made whole or was there before: two that start at once cannot both win.
      if (linked(mine, path)) return { release: () => rmSync(path, { force: true }) };
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

/** The process that runs `npm start` here, if one does. */
export function lockHolder(run: string): number | null {
  const entry = readPidFile(lockPath(run));
  return entry !== null && entry.pid !== process.pid && isOurs(entry) ? entry.pid : null;
}

function lockPath(run: string): string {
  return join(run, "start.lock");
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function alreadyRunning(pid: number): CommandFailure {
  return new CommandFailure("refused", "ALREADY_RUNNING", `This clone is already running (process ${pid}).`, {
    next: "Its links are in .countersign/dev.json; Ctrl-C there stops it.",
  });
}
