import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * One process of ours. `marker` is a piece of its command line that tells it from a stranger
 * that got the same number later.
 */
export type PidFile = { name: string; pid: number; marker: string; stopSignal: NodeJS.Signals };

export function writePidFile(directory: string, entry: PidFile): void {
  writeFileSync(pathOf(directory, entry.name), `${JSON.stringify(entry)}\n`);
}

export function removePidFile(directory: string, name: string): void {
  rmSync(pathOf(directory, name), { force: true });
}

export function readPidFiles(directory: string): PidFile[] {
  let files: string[];
  try {
    files = readdirSync(directory).filter((file) => file.endsWith(SUFFIX));
  } catch {
    return [];
  }
  return files.flatMap((file) => readPidFile(join(directory, file)) ?? []);
}

/** null for a file that is missing, cut short or not ours: it names nobody to stop. */
export function readPidFile(path: string): PidFile | null {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (typeof value !== "object" || value === null) return null;
    const { name, pid, marker, stopSignal } = value as Partial<PidFile>;
    if (typeof name !== "string" || typeof pid !== "number" || pid <= 1) return null;
    if (typeof marker !== "string" || marker === "" || typeof stopSignal !== "string") return null;
    return { name, pid, marker, stopSignal };
  } catch {
    return null;
  }
}

/** Alive, and still the process that the file speaks of. */
export function isOurs(entry: Pick<PidFile, "pid" | "marker">): boolean {
  return commandLineOf(entry.pid)?.includes(entry.marker) ?? false;
}

/** Ends what an earlier run that was killed left behind; anything that is not ours is left alone. */
export async function stopLeftover(entry: PidFile): Promise<boolean> {
  if (!isOurs(entry)) return false;
  signalIfThere(entry.pid, entry.stopSignal);
  const until = Date.now() + GRACE_MS;
  while (isOurs(entry)) {
    if (Date.now() > until) signalIfThere(entry.pid, "SIGKILL");
    await sleep(50);
  }
  return true;
}

/** Everything of ours that still runs although the start it belonged to is gone. */
export async function stopLeftovers(directory: string): Promise<string[]> {
  const stopped: string[] = [];
  // The database last: the others still write to it while they stop.
  const last = (entry: PidFile) => (entry.name === "postgres" ? 1 : 0);
  for (const entry of readPidFiles(directory).sort((one, other) => last(one) - last(other))) {
    if (await stopLeftover(entry)) stopped.push(entry.name);
    removePidFile(directory, entry.name);
  }
  return stopped;
}

const SUFFIX = ".pid.json";
const GRACE_MS = 10_000;

function pathOf(directory: string, name: string): string {
  return join(directory, `${name}${SUFFIX}`);
}

function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

export function commandLineOf(pid: number): string | null {
  try {
    // A zombie has an empty command line on Linux, which matches no marker.
    if (process.platform === "linux") return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
    return execFileSync("ps", ["-ww", "-o", "command=", "-p", String(pid)], { encoding: "utf8" });
  } catch {
    return null;
  }
}
