import { randomUUID } from "node:crypto";
import { readDevelopmentKeys } from "../../config/development-keys.ts";
import type { HumanMessage } from "../../core/message.ts";
import type { AgentId, PersonId } from "../../core/principal.ts";
import type { Digest, Signed, Submission } from "../../core/request.ts";
import { actionDigest, requestIdOf } from "../../crypto/digest.ts";
import { createSigner, generateKey } from "../../crypto/signature.ts";
import type { Signer } from "../../crypto/types.ts";
import { MANY_ROWS } from "./configuration.ts";
import type { Stack } from "./stack.ts";

/** Signers of a stack, and of people who have no key of it. */
export type Signers = { api: Signer; channels: Signer; operator: Signer; stranger: Signer };

export async function signersOf(stack: Stack): Promise<Signers> {
  const { api, channels, operator } = readDevelopmentKeys(stack.keys);
  // Under the name of a trusted key, but not that key.
  const { privateJwk } = await generateKey(api.kid);
  return {
    api: createSigner(api),
    channels: createSigner(channels),
    operator: createSigner(operator),
    stranger: createSigner(privateJwk),
  };
}

/** What the API would have signed for this agent and key. */
export function submissionOf(key: string, more: Partial<Submission> = {}, statement = MANY_ROWS): Submission {
  const requester: AgentId = "agent:reporting-bot";
  const action = {
    type: "postgres.export",
    target: "crm",
    arguments: { statement, format: "csv", maxRows: 100_000 },
  };
  return {
    version: 1,
    requestId: requestIdOf(requester, key),
    requester,
    onBehalfOf: null,
    action,
    digest: actionDigest(action),
    justification: null,
    run: null,
    credentialId: "made-up",
    submittedAt: Date.now(),
    ...more,
  };
}

/** What the API would have signed for this person on the page. */
export function messageOf(
  request: { id: string; digest: string; factsDigest: string | null },
  principal: PersonId,
  verb: HumanMessage["verb"],
  more: Partial<HumanMessage> = {},
): HumanMessage {
  return {
    version: 1,
    id: `msg_${randomUUID()}`,
    requestId: request.id,
    digest: request.digest as Digest,
    factsDigest: request.factsDigest as Digest | null,
    verb,
    flag: null,
    reason: verb === "deny" ? "REVIEW_UNSAFE" : null,
    note: null,
    extendSeconds: null,
    principal,
    channel: "page",
    evidence: { method: "session", credentialId: "made-up" },
    signedAt: Date.now(),
    ...more,
  };
}

export function unsigned<T>(content: T): Signed<T> {
  return { content, jws: "" };
}
