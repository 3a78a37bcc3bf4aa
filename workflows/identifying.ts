import type { Identified } from "../activities/types.ts";
import { LIMITS } from "../core/limits.ts";
import type { AccountId, Instant } from "../core/principal.ts";
import type { Signed } from "../core/request.ts";
import { identify } from "./activity-options.ts";
import type { Item, MessageItem } from "./inbox.ts";

/**
 * Messages from accounts of chats, on their way to the channels process and back through the inbox. It runs
 * beside the loop: a chat that is away must not keep anybody from answering elsewhere.
 */
export type Identifying = {
  begin(item: MessageItem, earlier: AccountId[]): void;
  /** Until when the clock should wait for answers that were given before it struck; null: for none. */
  heldUntil(wake: Instant): Instant | null;
};

export function openIdentifying(put: (item: Item) => void): Identifying {
  // By the whole message, so that a forgery with the same id cannot take a real one's place.
  const underWay = new Map<string, { item: MessageItem; again: MessageItem[] }>();

  const ask = async (key: string, item: MessageItem, earlier: AccountId[]): Promise<void> => {
    let identified: Identified;
    try {
      identified = await identify({ signed: item.signed, earlier });
      // Whoever polls that queue may answer anything; what it says is believed for its signature only.
      if (!isIdentified(identified)) identified = { ok: false, code: "REVIEW_IDENTITY_UNAVAILABLE" };
    } catch {
      identified = { ok: false, code: "REVIEW_IDENTITY_UNAVAILABLE" };
    }
    const again = underWay.get(key)?.again ?? [];
    underWay.delete(key);
    const answer: MessageItem["answer"] = (said) => {
      for (const one of [item, ...again]) one.answer(said);
    };
    put({ kind: "identified", item: { ...item, answer }, identified });
  };

  return {
    begin(item, earlier) {
      const { signed } = item;
      const key = `${signed.content.id} ${signed.jws}`;
      const same = underWay.get(key);
      if (same) {
        same.again.push(item);
      } else if (underWay.size >= LIMITS.identifyingAtOnce) {
        // Through the inbox, so that it is in the record: whoever clicked was acknowledged before and is told from there.
        put({ kind: "identified", item, identified: { ok: false, code: "REVIEW_TOO_MANY" } });
      } else {
        underWay.set(key, { item, again: [] });
        void ask(key, item, earlier);
      }
    },
    heldUntil(wake) {
      const skew = LIMITS.clockSkewSeconds * 1000;
      const early = [...underWay.values()].some(({ item }) => item.signed.content.signedAt <= wake + skew);
      return early ? wake + (LIMITS.identifySeconds + LIMITS.clockSkewSeconds) * 1000 : null;
    },
  };
}

function isIdentified(value: Partial<Identified> | null): value is Identified {
  if (typeof value !== "object" || value === null) return false;
  if (value.ok === false) return typeof value.code === "string";
  const signed = value.ok === true ? (value.identification as Partial<Signed<unknown>> | null | undefined) : null;
  return typeof signed?.jws === "string" && typeof signed.content === "object" && signed.content !== null;
}
