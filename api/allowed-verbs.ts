import { AUDITORS } from "../core/principal.ts";
import type { RequestRecord } from "../db/types.ts";
import type { Identity } from "./auth/identity.ts";
import { isOperator } from "./auth/identity.ts";
import type { RequestView } from "./contract/request.ts";
import { channelOf } from "./messages.ts";
import { accountsOf, eligibleGroups } from "./visibility.ts";

type AllowedVerb = RequestView["allowedVerbs"][number];

/** What the caller may try now: a courtesy for surfaces. Whether it counts is `step`'s to say. */
export function allowedVerbs(record: RequestRecord, identity: Identity): AllowedVerb[] {
  if (identity.kind === "agent") return openToParties(record).filter((verb) => verb === "withdraw");
  switch (record.status) {
    case "unknown":
      return isOperator(identity) && record.resolution === null ? ["resolve"] : [];
    case "pending":
    case "held":
    case "starting":
    case "running":
      return [...answers(record, identity), ...switches(record, identity)];
    case "evaluating":
    case "succeeded":
    case "failed":
    case "denied":
    case "expired":
    case "withdrawn":
      return [];
    default:
      return record.status satisfies never;
  }
}

function answers(record: RequestRecord, identity: Identity): AllowedVerb[] {
  if (record.status === "held") return auditorVerbs(record, identity);
  if (!mayAnswer(record, identity)) return [];
  if (record.status === "pending") return ["approve", "deny", "flag", "extend"];
  return record.status === "starting" ? ["deny", "flag", "stop"] : ["stop"];
}

function auditorVerbs(record: RequestRecord, identity: Identity): AllowedVerb[] {
  if (!identity.groups.includes(AUDITORS)) return [];
  const flagger = record.state?.hold?.by;
  return flagger !== undefined && accountsOf(identity).has(flagger) ? [] : ["release", "reject"];
}

function switches(record: RequestRecord, identity: Identity): AllowedVerb[] {
  const self = accountsOf(identity);
  const owner = record.state?.parties.owner ?? null;
  const holdsSwitch = isOperator(identity) || (owner !== null && self.has(owner));
  return holdsSwitch ? openToParties(record).filter((verb) => !answers(record, identity).includes(verb)) : [];
}

function openToParties(record: RequestRecord): AllowedVerb[] {
  switch (record.status) {
    case "pending":
    case "held":
      return ["withdraw"];
    case "starting":
      return ["withdraw", "stop"];
    case "running":
      return ["stop"];
    default:
      return [];
  }
}

function mayAnswer(record: RequestRecord, identity: Identity): boolean {
  const state = record.state;
  if (state === null || state.requirement === null) return false;
  const self = accountsOf(identity);
  const { requester, owner, onBehalfOf } = state.parties;
  if ([requester, owner, onBehalfOf].some((party) => party !== null && self.has(party))) return false;
  if (state.requirement.excludeGroups.some((group) => identity.groups.includes(group))) return false;
  if (!state.requirement.channels.includes(channelOf(identity))) return false;
  const groups = eligibleGroups(state);
  return identity.groups.some((group) => groups.has(group));
}
