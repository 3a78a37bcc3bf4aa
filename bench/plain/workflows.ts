import { condition, defineSignal, defineUpdate, proxyActivities, setHandler } from "@temporalio/workflow";
import type { Activities } from "./activities.ts";

/** What somebody writes who wants an approval on Temporal and nothing else: no policy, no audit, no signature, no gate. */
const { context, act } = proxyActivities<Activities>({ startToCloseTimeout: "1 minute" });

export const reviewSignal = defineSignal<[boolean]>("review");
export const pendingUpdate = defineUpdate<void>("pending");

export async function plainApproval(requestId: string, statement: string): Promise<string> {
  let pending = false;
  let approved: boolean | null = null;
  setHandler(pendingUpdate, () => condition(() => pending));
  setHandler(reviewSignal, (answer) => {
    approved = answer;
  });
  await context(requestId, statement);
  pending = true;
  await condition(() => approved !== null);
  if (approved !== true) return "denied";
  await act(requestId, statement);
  return "done";
}

/** A start with one activity: what an action costs that nobody has to approve. */
export async function plainAction(requestId: string, statement: string): Promise<string> {
  await act(requestId, statement);
  return "done";
}
