import type { ApiContext } from "./context.ts";

/**
 * Reads until `done` says so or time is up, woken by the change feed and never by holding a workflow.
 * Listens before it reads, so that nothing falls between the two.
 */
export async function waitUntil<T>(
  context: ApiContext,
  requestId: string,
  read: () => Promise<T>,
  done: (value: T) => boolean,
  seconds: number,
  gone: AbortSignal,
): Promise<T> {
  if (seconds === 0) return read();
  const until = Date.now() + seconds * 1000;
  const changes = listen(context, requestId, AbortSignal.any([gone, context.stopping]));
  try {
    for (;;) {
      const value = await read();
      const left = until - Date.now();
      if (done(value) || left <= 0 || changes.ended()) return value;
      await changes.next(left);
    }
  } finally {
    changes.stop();
  }
}

export type Changes = {
  /** Resolves at the next change, when time is up, or when there is nobody left to wait for. */
  next(waitMs: number): Promise<void>;
  ended(): boolean;
  stop(): void;
};

/** A change between two calls of `next` is not lost: the second one returns at once. */
export function listen(context: ApiContext, requestId: string, signal: AbortSignal): Changes {
  let changed = false;
  let wake: () => void = () => {};
  const unsubscribe = context.changes.subscribe(requestId, () => {
    changed = true;
    wake();
  });
  signal.addEventListener("abort", () => wake());
  return {
    async next(waitMs) {
      if (!changed && !signal.aborted) {
        let timer: NodeJS.Timeout | undefined;
        await new Promise<void>((resolve) => {
          wake = resolve;
          timer = setTimeout(resolve, waitMs);
        });
        clearTimeout(timer);
      }
      changed = false;
    },
    ended: () => signal.aborted,
    stop: unsubscribe,
  };
}
