import type { Instant, PrincipalId } from "./principal.ts";
import type { Digest } from "./request.ts";

/** Places people answer. Slack and Teams join this list with their adapters. */
export const CHANNELS = ["page", "api"] as const;
export type ChannelName = (typeof CHANNELS)[number];

export const VERBS = ["approve", "deny", "flag", "withdraw", "stop", "extend", "release", "reject"] as const;
export type Verb = (typeof VERBS)[number];

/** What one person (or, for `withdraw` and `stop`, the requester) says about a request. */
export type HumanMessage = {
  version: 1;
  /** The same id twice is one event. */
  id: string;
  requestId: string;
  /** Names the action exactly. */
  digest: Digest;
  /** Names the facts and preview the person was shown; an approval counts for these only. */
  factsDigest: Digest | null;
  verb: Verb;
  /** An approve or deny may carry a flag too: a follow-up without a hold. */
  flag: { reason: string; note: string } | null;
  reason: string | null;
  note: string | null;
  /** With `extend` only. */
  extendSeconds: number | null;
  principal: PrincipalId;
  channel: ChannelName;
  evidence: {
    method: "session" | "token" | "agent-key" | "workload-jwt";
    credentialId: string;
  };
  signedAt: Instant;
};
