import { CancellationScope } from "@temporalio/workflow";
import type { SubmissionAdmission } from "../activities/types.ts";
import { executeOn } from "./activity-options.ts";
import type { Item } from "./inbox.ts";

/** Starts of an approved action: each runs beside the loop and comes back through the inbox. */
export type Attempts = {
  start(attempt: number, executeBy: number): void;
  /** Stop: the executor's AbortSignal fires, what it had not published vanishes. */
  cancel(attempt: number): void;
  /** The request has ended: nothing of it may go on waiting for an executor. */
  abandon(): void;
};

export function openAttempts(
  requestId: string,
  admission: SubmissionAdmission & { ok: true },
  put: (item: Item) => void,
): Attempts {
  const scopes = new Map<number, CancellationScope>();
  const run = async (attempt: number, waitMs: number): Promise<void> => {
    const { executorQueue, maxRunSeconds, heartbeatSeconds } = admission;
    const execute = executeOn(executorQueue, { maxRunSeconds, heartbeatSeconds, waitMs });
    try {
      const executed = await execute(requestId, attempt);
      put({ kind: "executed", attempt, executed });
    } catch {
      // Timeout, cancellation or termination: the loop asks the executions table what is known.
      put({ kind: "lost", attempt });
    } finally {
      scopes.delete(attempt);
    }
  };
  return {
    start(attempt, executeBy) {
      const scope = new CancellationScope();
      scopes.set(attempt, scope);
      void scope.run(() => run(attempt, Math.max(executeBy - Date.now(), 0)));
    },
    cancel: (attempt) => scopes.get(attempt)?.cancel(),
    abandon() {
      for (const scope of scopes.values()) scope.cancel();
    },
  };
}
