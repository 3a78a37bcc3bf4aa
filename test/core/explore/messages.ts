import type { AdmittedMessage } from "../../../core/deliberation-types.ts";
import type { ChannelName, Verb } from "../../../core/message.ts";
import type { AccountId, PersonId } from "../../../core/principal.ts";
import { ACTION, ANA_IN_CHAT, groupsWhen, rosterWhen } from "./company.ts";
import type { Occurrence, Position } from "./position.ts";

/** One thing that can happen, where it can. */
export type Move = { name: string; at: (position: Position) => Occurrence | null };

type Says = {
  by: PersonId;
  via?: PersonId | AccountId;
  channel?: ChannelName;
  /** Colleagues who are away and named this person. */
  places?: PersonId[];
  /** Another action's digest, or facts that nobody was shown. */
  wrong?: "digest" | "facts";
  /** Signed at the opening and read now, as after an outage. */
  early?: boolean;
  reason?: string | null;
  /** The id of a message that was recorded before. */
  again?: boolean;
  extendSeconds?: number;
  /** A follow-up beside the answer. */
  flag?: { reason: string; note: string };
};

export function says(name: string, verb: Verb, how: Says): Move {
  return {
    name,
    at(position) {
      const { state, around, now } = position;
      // Whoever has left, and an account that has been switched off, is not admitted.
      if (around.anaHasLeft && how.by === "person:ana") return null;
      if (around.anaIsOff && how.via === ANA_IN_CHAT) return null;
      if (how.again && state.seen.length === 0) return null;
      const message = messageOf(verb, how, position);
      return { kind: "event", event: { kind: verb, message, roster: rosterWhen(around.anaHasLeft) }, now };
    },
  };
}

function messageOf(verb: Verb, how: Says, { state, around, now }: Position): AdmittedMessage {
  const { by, via = by, channel = "page", places = [], wrong, reason, again, early } = how;
  const contrary = verb === "deny" || verb === "flag";
  const present = places.filter((holder) => !(around.anaHasLeft && holder === "person:ana"));
  return {
    id: again ? (state.seen[0] ?? "") : `message-${state.seen.length}`,
    verb,
    flag: how.flag ?? null,
    reason: reason === undefined ? (contrary ? "REVIEW_UNSAFE" : null) : reason,
    note: contrary ? "looks wrong" : null,
    extendSeconds: how.extendSeconds ?? null,
    digest: wrong === "digest" ? "sha256:another-action" : ACTION,
    factsDigest: wrong === "facts" ? "sha256:nobody-saw-these" : state.factsDigest,
    by,
    via,
    name: by,
    groups: groupsWhen(false, by),
    ...(present.length === 0 ? {} : { standsFor: present.map(placeOf) }),
    ...(around.anaIsOff && channel === "slack" ? { off: [ANA_IN_CHAT] } : {}),
    channel,
    signedAt: early ? 0 : now,
  };
}

function placeOf(holder: PersonId) {
  return { person: holder, name: holder, groups: groupsWhen(false, holder), until: Number.MAX_SAFE_INTEGER };
}
