import { WorkflowNotFoundError } from "@temporalio/client";
import { LIMITS } from "../../core/limits.ts";
import type { HumanMessage } from "../../core/message.ts";
import { messageNameOf, messageSignals } from "../../workflows/messages.ts";
import type { ApiContext } from "../context.ts";
import { mayHaveArrived, pingTemporal, within } from "../temporal.ts";

/**
 * `durable`: it counts, whatever happens to this process. `ended`: the request's workflow is closed.
 * `lost`: certainly not recorded. `unclear`: on its way when the time was up.
 */
export type Sent = "durable" | "ended" | "lost" | "unclear";

/** Signs a message and hands it to the workflow, in the time that Slack leaves. */
export async function sendSignal(context: ApiContext, message: HumanMessage): Promise<Sent> {
  const until = Date.now() + LIMITS.signalSeconds * 1000;
  const left = () => Math.max(until - Date.now(), 1);
  const log = context.log.child({ requestId: message.requestId });
  const signed = await context.signer.sign("message", message);
  try {
    await inside(left(), pingTemporal(context, left() / 1000));
  } catch (error) {
    // Nothing was sent yet, so this one thing is certain.
    log.warn({ problem: String(error) }, "a click could not be recorded");
    return "lost";
  }
  const handle = context.temporal.workflow.getHandle(message.requestId);
  const signal = messageSignals[messageNameOf(message.verb)];
  try {
    await inside(
      left(),
      within(context, left() / 1000, () => handle.signal(signal, signed)),
    );
    return "durable";
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return "ended";
    log.warn({ problem: String(error) }, "a click may not have been recorded");
    return error instanceof TimeIsUp || mayHaveArrived(error) ? "unclear" : "lost";
  }
}

class TimeIsUp extends Error {
  override readonly name = "TimeIsUp";
}

/** A deadline is of a call; a connection that is still being made knows none. */
async function inside<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimeIsUp("no answer in time")), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
