import { proxyActivities, proxyLocalActivities } from "@temporalio/workflow";
import type { ChannelActivities, ExecutorActivities, LocalActivities } from "../activities/types.ts";
import { LIMITS } from "../core/limits.ts";
import { CHANNELS_QUEUE } from "./messages.ts";

/** Every timeout and retry of the workflow, in one place. */

/** Only our own database: short, then the workflow itself waits and tries again (`persist`). */
export const local = proxyLocalActivities<LocalActivities>({
  startToCloseTimeout: `${LIMITS.localActivitySeconds}s`,
  scheduleToCloseTimeout: `${LIMITS.localActivitySeconds}s`,
  retry: { initialInterval: "100ms", maximumInterval: "1s", maximumAttempts: 3 },
});

/** How long the workflow waits between two rounds of a local activity that keeps failing. */
export const PERSIST_BACKOFF_MS = [500, 1_000, 2_000, 5_000, 10_000, 30_000] as const;

/** Facts wait for an executor that is down; the request stays `evaluating` until this limit. */
export function describeOn(taskQueue: string): (requestId: string) => ReturnType<ExecutorActivities["describe"]> {
  const { describe } = proxyActivities<Pick<ExecutorActivities, "describe">>({
    taskQueue,
    startToCloseTimeout: `${LIMITS.describeSeconds}s`,
    scheduleToCloseTimeout: `${LIMITS.factsWaitSeconds}s`,
    heartbeatTimeout: `${LIMITS.heartbeatMissedSeconds}s`,
    retry: { initialInterval: "1s", backoffCoefficient: 2, maximumInterval: "5s" },
    summary: "computes what would happen, with the read-only role",
  });
  return (requestId) => describe({ requestId });
}

/** An answer waits this long to be told whose it is; then it is refused, and the person told to try again. */
const { identify } = proxyActivities<ChannelActivities>({
  taskQueue: CHANNELS_QUEUE,
  startToCloseTimeout: `${LIMITS.identifyTrySeconds}s`,
  scheduleToCloseTimeout: `${LIMITS.identifySeconds}s`,
  heartbeatTimeout: `${LIMITS.heartbeatMissedSeconds}s`,
  retry: { initialInterval: "500ms", backoffCoefficient: 2, maximumInterval: "5s" },
  summary: "asks the chat whose account this is",
});

export { identify };

export type ExecuteTiming = { maxRunSeconds: number; heartbeatSeconds: number; waitMs: number };

/** Retries are free: the claim makes a start happen once, whatever is retried. */
export function executeOn(
  taskQueue: string,
  timing: ExecuteTiming,
): (requestId: string, attempt: number) => ReturnType<ExecutorActivities["execute"]> {
  const runMs = (timing.maxRunSeconds + LIMITS.gateSeconds) * 1_000;
  const { execute } = proxyActivities<Pick<ExecutorActivities, "execute">>({
    taskQueue,
    startToCloseTimeout: runMs,
    scheduleToCloseTimeout: timing.waitMs + 2 * runMs,
    heartbeatTimeout: timing.heartbeatSeconds * 1_000,
    // A process that is gone may be handed the attempt once for each of its open polls; so the pause stays short.
    retry: { initialInterval: "1s", backoffCoefficient: 2, maximumInterval: "2s" },
    cancellationType: "WAIT_CANCELLATION_COMPLETED",
    summary: "gate, claim, run",
  });
  return (requestId, attempt) => execute({ requestId, attempt });
}
