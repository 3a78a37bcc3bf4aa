import { WorkflowNotFoundError, WorkflowUpdateFailedError } from "@temporalio/client";
import type { Answer } from "../core/deliberation-types.ts";
import { CountersignError } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import type { ChannelName, HumanMessage } from "../core/message.ts";
import type { Digest } from "../core/request.ts";
import { digestOf } from "../crypto/digest.ts";
import { messageNameOf, messageUpdates } from "../workflows/messages.ts";
import { callMethod, type Identity } from "./auth/identity.ts";
import type { ApiContext } from "./context.ts";
import { assertReachable, isStuck, mayHaveArrived, within } from "./temporal.ts";

/** What a caller says; who says it comes from the credential. */
export type MessageInput = Pick<
  HumanMessage,
  "requestId" | "digest" | "factsDigest" | "verb" | "flag" | "reason" | "note" | "extendSeconds"
>;

/** `answered`: the workflow said whether it counted. `sent`: it did not answer in time and may still record it. */
export type Delivery = { messageId: string } & ({ kind: "answered"; answer: Answer } | { kind: "sent" });

/**
 * Signs what an authenticated person (or the requesting agent) says and waits for the workflow's
 * answer. The one door for pages and API alike. Throws TEMPORAL_UNAVAILABLE when it was certainly
 * not recorded; with the same `key` and the same content it is one event however often it is called.
 */
export async function sendMessage(
  context: ApiContext,
  identity: Identity,
  input: MessageInput,
  key: string | null,
): Promise<Delivery> {
  const message = messageOf(context, identity, input, key);
  await assertReachable(context, NOT_RECORDED);
  const signed = await context.signer.sign("message", message);
  const handle = context.temporal.workflow.getHandle(input.requestId);
  try {
    const answer = await within(context, LIMITS.reviewWaitSeconds, () =>
      handle.executeUpdate(messageUpdates[messageNameOf(input.verb)], { updateId: message.id, args: [signed] }),
    );
    return { messageId: message.id, kind: "answered", answer };
  } catch (error) {
    return deliveryAfter(error, message.id);
  }
}

function messageOf(context: ApiContext, identity: Identity, input: MessageInput, key: string | null): HumanMessage {
  return {
    ...input,
    version: 1,
    id: key === null ? context.newId("msg") : messageIdOf(identity, input, key),
    principal: identity.id,
    channel: channelOf(identity),
    evidence: { method: callMethod(identity), credentialId: identity.credentialId },
    signedAt: context.clock(),
  };
}

/** Content is part of the id: the same key with other words is another message, never a lost one. */
function messageIdOf(identity: Identity, input: MessageInput, key: string): string {
  const digest: Digest = digestOf({ principal: identity.id, key, ...input });
  return `msg_${digest.slice("sha256:".length, "sha256:".length + 32)}`;
}

export function channelOf(identity: Identity): ChannelName {
  if (identity.method === "slack") return "slack";
  return identity.method === "session" ? "page" : "api";
}

/** Temporal was there a moment ago, so whatever else went wrong, the message may have arrived. */
function deliveryAfter(error: unknown, messageId: string): Delivery {
  if (error instanceof WorkflowNotFoundError) {
    return { messageId, kind: "answered", answer: { recorded: false, code: "REVIEW_ALREADY_DECIDED" } };
  }
  if (error instanceof WorkflowUpdateFailedError) {
    throw new CountersignError("MALFORMED", "The workflow did not take the message.", { cause: error });
  }
  if (mayHaveArrived(error)) return { messageId, kind: "sent" };
  if (isStuck(error)) throw new CountersignError("TEMPORAL_UNAVAILABLE", NOT_RECORDED, { cause: error });
  throw error;
}

const NOT_RECORDED = "Your answer was NOT recorded; send it again.";
