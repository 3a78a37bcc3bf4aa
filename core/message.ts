import type { AccountId, Instant, PrincipalId } from "./principal.ts";
import type { Digest } from "./request.ts";

/** Places people answer. Teams joins this list with its adapter. */
export const CHANNELS = ["page", "api", "slack"] as const;
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
  /** Whom the signing process authenticated; an account of a chat has to be identified before it is anybody. */
  principal: PrincipalId | AccountId;
  channel: ChannelName;
  evidence: Evidence;
  signedAt: Instant;
};

/** How the signing process knows who it was. */
export type Evidence =
  | { method: "session" | "token" | "agent-key" | "workload-jwt"; credentialId: string }
  | ({ method: "slack"; credentialId: string } & Seen);

/** What was in front of the person, and where: `credentialId` is then the app that delivered the click. */
export type Seen = {
  /** The surface whose button was used, and the message it is (its `ts`); null for a view that no message holds. */
  surface: string;
  conversation: string | null;
  message: string | null;
  /** Digest of the exact card, so that it can be drawn again. */
  shown: Digest;
};
