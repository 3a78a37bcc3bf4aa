import type { AdmittedMessage, Deliberation } from "../core/deliberation-types.ts";
import { mayApprove, mayDeny, mayEndHold, mayExtend, mayFlag, mayStop, mayWithdraw } from "../core/eligibility.ts";
import type { Verb } from "../core/message.ts";
import type { Status } from "../core/status.ts";
import type { RequestRecord } from "../db/types.ts";
import { groupsAsOf, type Identity, isOperator } from "./auth/identity.ts";
import type { RequestView } from "./contract/request.ts";
import { channelOf } from "./messages.ts";

type AllowedVerb = RequestView["allowedVerbs"][number];

/** What the caller may try now, by the rules that will judge it; whether it counts is `step`'s to say. */
export function allowedVerbs(record: RequestRecord, identity: Identity): AllowedVerb[] {
  const { state, status } = record;
  if (status === "unknown") return isOperator(identity) && record.resolution === null ? ["resolve"] : [];
  if (state === null) return [];
  const open = identity.kind === "agent" ? offered(status).filter((verb) => verb === "withdraw") : offered(status);
  return open.filter((verb) => isOpenTo(state, draft(state, identity, verb)));
}

/** What makes sense in a status; an approval that changes nothing any more is not offered. */
function offered(status: Status): Verb[] {
  switch (status) {
    case "pending":
      return ["approve", "deny", "flag", "extend", "withdraw"];
    case "held":
      return ["release", "reject", "approve", "deny", "flag", "withdraw"];
    case "starting":
      return ["deny", "flag", "withdraw", "stop"];
    case "running":
      return ["flag", "stop"];
    case "evaluating":
    case "succeeded":
    case "failed":
    case "unknown":
    case "denied":
    case "expired":
    case "withdrawn":
      return [];
    default:
      return status satisfies never;
  }
}

function isOpenTo(state: Deliberation, message: AdmittedMessage): boolean {
  switch (message.verb) {
    case "approve":
      return state.requirement !== null && mayApprove(state, message) === null;
    case "deny":
      return mayDeny(state, message) === null;
    case "flag":
      return mayFlag(state, message) === null;
    case "extend":
      return mayExtend(state, message) === null;
    case "withdraw":
      return mayWithdraw(state, message) === null;
    case "stop":
      return mayStop(state, message) === null;
    case "release":
    case "reject":
      return mayEndHold(state, message) === null;
    default:
      return message.verb satisfies never;
  }
}

/** The message the caller would send, filled in well: only who and through which channel are left to judge. */
function draft(state: Deliberation, identity: Identity, verb: Verb): AdmittedMessage {
  const speaksAgainst = verb === "deny" || verb === "flag";
  return {
    ...{ id: "draft", verb, flag: null, note: "draft", digest: state.digest, factsDigest: state.factsDigest },
    reason: speaksAgainst ? "REVIEW_NOT_JUSTIFIED" : null,
    extendSeconds: verb === "extend" ? 1 : null,
    by: identity.kind === "person" ? identity.person.id : identity.id,
    via: identity.id,
    name: identity.name,
    groups: groupsAsOf(identity, state.openedAt),
    ...(identity.kind === "person" ? { standsFor: identity.standsFor } : {}),
    channel: channelOf(identity),
    signedAt: state.openedAt,
  };
}
