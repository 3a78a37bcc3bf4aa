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
  const left = () => Math.max((until - Date.now()) / 1000, 0.01);
  const signed = await context.signer.sign("message", message);
  try {
    await pingTemporal(context, left());
  } catch (error) {
    // Nothing was sent yet, so this one thing is certain.
    context.log.warn({ requestId: message.requestId, problem: String(error) }, "a click could not be recorded");
    return "lost";
  }
  const handle = context.temporal.workflow.getHandle(message.requestId);
  try {
    await within(context, left(), () => handle.signal(messageSignals[messageNameOf(message.verb)], signed));
    return "durable";
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return "ended";
    context.log.warn({ requestId: message.requestId, problem: String(error) }, "a click may not have been recorded");
    return mayHaveArrived(error) ? "unclear" : "lost";
  }
}
