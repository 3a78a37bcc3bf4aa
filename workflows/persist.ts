import { ActivityFailure, ApplicationFailure, isCancellation, sleep } from "@temporalio/workflow";
import { PERSIST_BACKOFF_MS } from "./activity-options.ts";

/**
 * A local activity that fails (our database is away) is tried again for as long as it takes:
 * waiting executes nothing, giving up would lose an approval. Only what can never succeed ends it.
 */
export async function persist<T>(work: () => Promise<T>): Promise<T> {
  for (let round = 0; ; round++) {
    try {
      return await work();
    } catch (error) {
      if (isCancellation(error)) throw error;
      const failure = applicationFailureIn(error);
      if (failure?.nonRetryable) throw failure;
      const pause = PERSIST_BACKOFF_MS[Math.min(round, PERSIST_BACKOFF_MS.length - 1)] ?? 30_000;
      await sleep(pause, { summary: "database away: trying again" });
    }
  }
}

export function applicationFailureIn(error: unknown): ApplicationFailure | null {
  if (error instanceof ApplicationFailure) return error;
  if (error instanceof ActivityFailure && error.cause instanceof ApplicationFailure) return error.cause;
  return null;
}
