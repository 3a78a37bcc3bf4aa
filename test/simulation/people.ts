import type { AdmittedMessage } from "../../core/deliberation-types.ts";
import type { Evaluation } from "../../core/evaluation.ts";
import type { Verb } from "../../core/message.ts";
import type { PersonId } from "../../core/principal.ts";
import type { Digest } from "../../core/request.ts";
import type { Roster } from "../../core/requirement.ts";
import {
  ACTION,
  asking,
  FACTS,
  groupsWhen,
  OTHER_FACTS,
  rosterWhen,
  STRICTER,
  TWO_GROUPS,
} from "../core/explore/company.ts";

/** A signed message, before anybody has looked at who that is. */
export type Spoken = { id: string; verb: Verb; by: PersonId; factsDigest: Digest; signedAt: number };

/** Directory, policy and facts, as they are at this moment. */
export type Company = { anaHasLeft: boolean; strict: boolean; factsChanged: boolean };

export function evaluationIn({ strict, factsChanged }: Company): Evaluation {
  return asking(strict ? STRICTER : TWO_GROUPS, factsChanged ? OTHER_FACTS : FACTS);
}

export type Admission = { ok: true; message: AdmittedMessage; roster: Roster } | { ok: false };

export function admit({ id, verb, by, factsDigest, signedAt }: Spoken, { anaHasLeft }: Company): Admission {
  if (anaHasLeft && by === "person:ana") return { ok: false };
  const contrary = verb === "deny" || verb === "flag";
  const message: AdmittedMessage = {
    ...{ id, verb, by, via: by, name: by, factsDigest, signedAt, flag: null, digest: ACTION, channel: "page" },
    reason: contrary ? "REVIEW_UNSAFE" : null,
    note: contrary ? "looks wrong" : null,
    extendSeconds: verb === "extend" ? 600 : null,
    groups: groupsWhen(anaHasLeft, by),
  };
  return { ok: true, message, roster: rosterWhen(anaHasLeft) };
}
