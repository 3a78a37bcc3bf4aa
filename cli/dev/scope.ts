import { type Child, ChildDied } from "./child.ts";

/** What has been started so far, undone in reverse order however the start ends. */
export type Scope = {
  /** Aborted when everything is to stop; nothing new starts after that. */
  signal: AbortSignal;
  defer(undo: () => Promise<void> | void): void;
  /** A child of ours: stopped at the end; if it ends by itself, everything does. */
  own(child: Child): void;
  /** Resolves when somebody asked us to stop; rejects when a child died. */
  ended: Promise<"stopped">;
  stop(): void;
  close(): Promise<void>;
};

export function openScope(): Scope {
  const controller = new AbortController();
  const undos: (() => Promise<void> | void)[] = [];
  let resolve: (how: "stopped") => void = () => {};
  let reject: (error: Error) => void = () => {};
  const ended = new Promise<"stopped">((onStop, onDeath) => {
    resolve = onStop;
    reject = onDeath;
  });
  // Whoever waits for `ended` hears of it; until then it is no unhandled rejection.
  ended.catch(() => {});
  return {
    signal: controller.signal,
    ended,
    defer: (undo) => void undos.push(undo),
    own(child) {
      undos.push(() => child.stop());
      void child.exited.then((exit) => {
        if (!controller.signal.aborted) reject(new ChildDied(child, exit));
      });
    },
    stop: () => resolve("stopped"),
    async close() {
      controller.abort();
      for (let undo = undos.pop(); undo !== undefined; undo = undos.pop()) {
        try {
          await undo();
        } catch (error) {
          // The rest still has to stop; what could not be undone is found by the next start.
          process.stderr.write(`While stopping: ${error instanceof Error ? error.message : String(error)}\n`);
        }
      }
    },
  };
}

/** Ctrl-C, a terminal that closes, or a parent that is gone: each asks for an orderly stop, as often as it likes. */
export function stopOnSignals(scope: Scope): void {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  const stop = () => scope.stop();
  for (const signal of signals) process.on(signal, stop);
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid !== parent) scope.stop();
  }, 1_000);
  scope.defer(() => {
    clearInterval(watch);
    for (const signal of signals) process.off(signal, stop);
  });
}
