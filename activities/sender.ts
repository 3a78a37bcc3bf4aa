import type { Configuration } from "../config/configuration.ts";
import { CountersignError } from "../core/errors.ts";
import type { Identification } from "../core/identification.ts";
import { LIMITS } from "../core/limits.ts";
import type { HumanMessage } from "../core/message.ts";
import { type AccountId, isAccount, type PrincipalId } from "../core/principal.ts";
import type { Signed } from "../core/request.ts";
import type { Purpose, Verifier } from "../crypto/types.ts";

/** Whose message it is, once its own signature holds. */
export type Sender = { ok: true; principal: PrincipalId } | { ok: false; code: string };

/**
 * A principal was authenticated by the process that signed the message. An account of a chat is nobody yet: the
 * channels process has to say, under its own signature, whose it was at this very message. Two keys, held by
 * two processes: the one that says whose account it was can answer for nobody, and the one that signs answers does
 * not say whose an account is, except by a link that it signed for somebody who was signed in.
 */
export async function senderOf(
  message: HumanMessage,
  identification: Signed<Identification> | null,
  configuration: Configuration,
  verifier: Verifier,
): Promise<Sender> {
  const { principal, channel, evidence } = message;
  const chat = channel === "slack";
  if (!isAccount(principal)) {
    return chat || evidence.method === "slack" ? refused("REVIEW_SIGNATURE_INVALID") : { ok: true, principal };
  }
  if (!chat || evidence.method !== "slack") return refused("REVIEW_SIGNATURE_INVALID");
  const { slack } = configuration;
  if (slack === null || !slack.allowDecisions) return refused("REVIEW_CHANNEL_NOT_ALLOWED");
  if (!principal.startsWith(`slack:${slack.team}/`)) return refused("REVIEW_OUTSIDER");
  if (identification === null) return refused("REVIEW_IDENTITY_UNAVAILABLE");
  if (!(await holds("identification", identification, verifier))) return refused("REVIEW_SIGNATURE_INVALID");
  if (!isFor(identification.content, message, principal)) return refused("REVIEW_SIGNATURE_INVALID");
  const { person } = identification.content;
  if (configuration.agents.some((agent) => agent.accounts.includes(principal))) return refused("REVIEW_AGENT_ACCOUNT");
  const owner = configuration.directory.people.find((one) => one.accounts.includes(principal));
  // What operators have signed outranks what a process found.
  return owner && owner.id !== person ? refused("REVIEW_NOT_LINKED") : { ok: true, principal: person };
}

export async function holds<T>(purpose: Purpose, signed: Signed<T>, verifier: Verifier): Promise<boolean> {
  try {
    await verifier.verify(purpose, signed);
    return true;
  } catch (error) {
    if (error instanceof CountersignError) return false;
    throw error;
  }
}

/** Of this message and no other, and made after it: an old yes says nothing about who clicks now. */
function isFor(content: Identification, message: HumanMessage, account: AccountId): boolean {
  const { requestId, messageId, at } = content;
  const fresh = at >= message.signedAt - LIMITS.identityFreshSeconds * 1000;
  return fresh && requestId === message.requestId && messageId === message.id && content.account === account;
}

function refused(code: string): Sender {
  return { ok: false, code };
}
