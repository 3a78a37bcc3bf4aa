import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { removePidFile, writePidFile } from "./pid-file.ts";

/** A server process of ours: its own process group, its output in a file, stopped in the order we choose. */
export type Child = {
  name: string;
  pid: number;
  logFile: string;
  /** Resolves when the process is gone, however it went. */
  exited: Promise<ChildExit>;
  hasExited(): boolean;
  /** Asks with `signal`, insists with SIGKILL after `graceMs`. */
  stop(): Promise<void>;
};
export type ChildExit = { code: number | null; signal: NodeJS.Signals | null };

export type ChildOptions = {
  name: string;
  command: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  cwd: string;
  logFile: string;
  /** Where its pid file lies while it lives, so that a start after a kill −9 can find it. */
  pidDirectory: string;
  marker: string;
  stopSignal?: NodeJS.Signals;
  graceMs?: number;
  /** Once aborted, nothing starts any more. */
  signal?: AbortSignal;
  uid?: number;
  gid?: number;
};

const STOP_GRACE_MS = 10_000;

/**
 * `detached` gives the child a process group of its own: Ctrl-C in a terminal then reaches only
 * the parent, which stops its children in order instead of all of them dying at once.
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  options.signal?.throwIfAborted();
  const log = openSync(options.logFile, "a");
  let process: ChildProcess;
  try {
    process = spawn(options.command, options.args, {
      cwd: options.cwd,
      env: options.env,
      stdio: ["ignore", log, log],
      detached: true,
      ...(options.uid === undefined ? {} : { uid: options.uid }),
      ...(options.gid === undefined ? {} : { gid: options.gid }),
    });
  } finally {
    closeSync(log);
  }
  const exited = new Promise<ChildExit>((resolve) => {
    process.once("exit", (code, signal) => resolve({ code, signal }));
    process.once("error", () => resolve({ code: null, signal: null }));
  });
  await new Promise<void>((resolve, reject) => {
    process.once("spawn", resolve);
    process.once("error", reject);
  });
  const pid = process.pid;
  if (pid === undefined) throw new Error(`${options.name} got no process id`);
  const stopSignal = options.stopSignal ?? "SIGTERM";
  writePidFile(options.pidDirectory, { name: options.name, pid, marker: options.marker, stopSignal });
  const hasExited = () => process.exitCode !== null || process.signalCode !== null;
  return {
    name: options.name,
    pid,
    logFile: options.logFile,
    exited,
    hasExited,
    async stop() {
      if (!hasExited()) {
        process.kill(stopSignal);
        const insist = setTimeout(() => process.kill("SIGKILL"), options.graceMs ?? STOP_GRACE_MS);
        await exited;
        clearTimeout(insist);
      }
      removePidFile(options.pidDirectory, options.name);
    },
  };
}

export class ChildDied extends Error {
  override readonly name = "ChildDied";
  readonly child: string;
  readonly logFile: string;
  readonly logTail: string[];
  constructor(child: Child, exit: ChildExit) {
    super(`${child.name} stopped by itself (${exit.signal ?? `exit code ${exit.code}`}).`);
    this.child = child.name;
    this.logFile = child.logFile;
    this.logTail = logTail(child.logFile);
  }
}

/** Calls `answers` until it is true; a child that dies meanwhile is an error with its last words. */
export async function waitUntil(child: Child, answers: () => Promise<boolean>, limitMs: number): Promise<void> {
  const until = Date.now() + limitMs;
  while (!child.hasExited()) {
    if (await answers()) return;
    if (Date.now() > until) {
      throw new Error(`${child.name} did not answer within ${limitMs / 1000} s; its log is ${child.logFile}`);
    }
    await sleep(50);
  }
  throw new ChildDied(child, await child.exited);
}

export function logTail(file: string, lines = 15): string[] {
  try {
    return readFileSync(file, "utf8").trimEnd().split("\n").slice(-lines);
  } catch {
    return [];
  }
}
