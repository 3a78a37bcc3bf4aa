import type { Deliberation } from "../core/deliberation-types.ts";
import { agentOf, type Directory, type GroupId, type PersonId, type PrincipalId } from "../core/principal.ts";
import type { RequestRecord } from "../db/types.ts";
import { type Identity, isAuditor, isOperator } from "./auth/identity.ts";

/**
 * An agent reads what it asked for. A person reads what they own, was asked for them, they answered
 * or may answer (also for a colleague who is away); operators and auditors read everything. For all others it does not exist.
 */
export function mayRead(record: RequestRecord, identity: Identity, directory: Directory): boolean {
  if (identity.kind === "agent") return record.submission.requester === identity.id;
  if (isOperator(identity) || isAuditor(identity)) return true;
  const self = accountsOf(identity);
  if (isParty(record, self, directory)) return true;
  if (record.state === null) return false;
  if (record.state.reviews.some((review) => self.has(review.person))) return true;
  const groups = eligibleGroups(record.state);
  const places = identity.standsFor.flatMap((one) => one.groups);
  return [...identity.groups, ...places].some((group) => groups.has(group));
}

/** The account that signed in and the person behind it. */
export function accountsOf(identity: Identity): Set<PrincipalId> {
  return identity.kind === "agent" ? new Set([identity.id]) : new Set([identity.id, identity.person.id]);
}

export function isParty(record: RequestRecord, self: Set<PrincipalId>, directory: Directory): boolean {
  const { requester, onBehalfOf } = record.submission;
  if (self.has(requester) || (onBehalfOf !== null && self.has(onBehalfOf))) return true;
  const owner = ownerOf(record, directory);
  return owner !== null && self.has(owner);
}

/** As recorded when the request was evaluated; before that, as the directory says now. */
export function ownerOf(record: RequestRecord, directory: Directory): PersonId | null {
  if (record.state !== null) return record.state.parties.owner;
  return agentOf(directory, record.submission.requester)?.owner ?? null;
}

/** Groups whose members may fill a slot now: those of the requirement and those it was widened to. */
export function eligibleGroups(state: Deliberation): Set<GroupId> {
  const groups = new Set<GroupId>();
  for (const [index, slot] of (state.requirement?.slots ?? []).entries()) {
    groups.add(slot.from);
    for (const group of state.widened[index] ?? []) groups.add(group);
  }
  return groups;
}
