import type { HumanMessage, Seen, Verb } from "../../core/message.ts";
import type { AccountId, Instant } from "../../core/principal.ts";
import { digestOf } from "../../crypto/digest.ts";
import type { SurfaceToken } from "../../crypto/surface-token.ts";

/** One thing that one account said with one button or view. */
export type Said = {
  token: SurfaceToken;
  verb: Verb;
  account: AccountId;
  /** Where Slack says it came from. */
  seen: Pick<Seen, "conversation" | "message">;
  /** Slack's own name for this use of it: the instant of a click, the id of a view. */
  once: string;
  words: Words;
};

export type Words = Pick<HumanMessage, "flag" | "reason" | "note">;
export const NO_WORDS: Words = { flag: null, reason: null, note: null };

/** The same delivery again is the same message: its id is made of what was said, by whom and when, and nothing else. */
export function humanMessage(said: Said, appId: string, now: Instant): HumanMessage {
  const { token, verb, account, seen, once, words } = said;
  const { requestId, digest, factsDigest, surface, shown } = token;
  const content = { requestId, digest, factsDigest, verb, ...words };
  const evidence = { method: "slack" as const, credentialId: appId, surface, ...seen, shown };
  const id = digestOf({ account, once, content, evidence }).slice("sha256:".length, "sha256:".length + 32);
  return {
    ...{ version: 1, id: `msg_${id}`, ...content, extendSeconds: null },
    ...{ principal: account, channel: "slack", evidence, signedAt: now },
  };
}
