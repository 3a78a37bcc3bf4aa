import { CountersignError } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import type { ApiContext } from "./context.ts";

/**
 * Asked before anything is sent: when this fails, it is certain that nothing was recorded,
 * and only then may an answer say so.
 */
export async function assertReachable(context: ApiContext, sentence: string): Promise<void> {
  try {
    await pingTemporal(context);
  } catch (cause) {
    throw new CountersignError("TEMPORAL_UNAVAILABLE", sentence, { cause });
  }
}

export async function pingTemporal(context: ApiContext): Promise<void> {
  const deadline = context.clock() + LIMITS.signalSeconds * 1000;
  await context.temporal.withDeadline(deadline, () => context.temporal.workflowService.getSystemInfo({}));
}
