import { readdirSync, readFileSync } from "node:fs";

/** How many milliseconds of processor time each of these processes, its children with it, used while `work` ran. */
export async function processorTimeOf(pids: { [name: string]: number }, work: () => Promise<void>) {
  const read = () => Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, processorTime(pid)]));
  const before = read();
  await work();
  const after = read();
  return Object.fromEntries(Object.keys(pids).map((name) => [name, (after[name] ?? 0) - (before[name] ?? 0)]));
}

/** User and system, by Linux's own count: its own, its children's that have ended, and its children's that live. */
function processorTime(pid: number): number {
  const own = statOf(pid);
  if (own === null) return Number.NaN;
  const children = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => statOf(Number(name)))
    .filter((stat) => stat?.parent === pid);
  return own.used + own.ended + children.reduce((sum, child) => sum + (child?.used ?? 0) + (child?.ended ?? 0), 0);
}

type Stat = { parent: number; used: number; ended: number };

function statOf(pid: number): Stat | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name, in parentheses, may hold spaces; what follows it does not.
    const fields = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    const [, parent = 0] = fields;
    const ms = (from: number) => (((fields[from] ?? 0) + (fields[from + 1] ?? 0)) * 1000) / TICKS_PER_SECOND;
    return { parent, used: ms(11), ended: ms(13) };
  } catch {
    return null;
  }
}

const TICKS_PER_SECOND = 100;
