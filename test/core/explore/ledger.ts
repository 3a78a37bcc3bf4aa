import type { AdmittedMessage, Deliberation, DeliberationEvent, Step } from "../../../core/deliberation-types.ts";
import type { GroupId, PersonId } from "../../../core/principal.ts";
import type { Requirement, Roster } from "../../../core/requirement.ts";
import { groupsWhen, OWNER, RELEVANT, REQUESTER } from "./company.ts";

/** The explorer's own book of who approved: nothing in it comes from the state that core keeps. */
export type Approval = {
  person: PersonId;
  /** Colleagues whose place this person may take. */
  places: readonly PersonId[];
  via: string;
  channel: string;
  facts: string | null;
};

/** Approvals, and how the directory stood when the last of the recorded messages was read. */
export type Ledger = { approvals: readonly Approval[]; anaHasLeft: boolean };

export const NOTHING_SAID: Ledger = { approvals: [], anaHasLeft: false };

export function afterEvent(
  ledger: Ledger,
  before: Deliberation,
  event: DeliberationEvent,
  { state, answer }: Step,
): Ledger {
  if (event.kind === "gateRefused") {
    if (state === before || state.phase === "ended") return ledger;
    const { voidReviewsBefore, factsDigest } = event.refusal;
    const anaHasLeft = hasLeft(event.refusal.roster);
    const valid = ledger.approvals.filter(({ facts }) => !voidReviewsBefore || facts === factsDigest);
    return { approvals: valid, anaHasLeft };
  }
  const told = event.kind === "settled" || event.kind === "executed";
  const said = told ? before.settling : event;
  if (!said || !("message" in said) || state === before) return ledger;
  // A report overtakes the settlement: the flag is kept, and its sender is told so when the settlement comes.
  const isKept = event.kind === "executed" ? said.kind === "flag" : answer?.recorded;
  if (!isKept) return ledger;
  const { message, roster } = said;
  const anaHasLeft = hasLeft(roster);
  const kept = ledger.approvals.filter(({ via }) => !(message.off ?? []).some((account) => account === via));
  if (message.verb !== "approve") return { approvals: kept, anaHasLeft };
  const others = kept.filter(({ person }) => person !== message.by);
  return { approvals: [...others, approvalOf(message)], anaHasLeft };
}

function hasLeft(roster: Roster): boolean {
  return !roster.some(({ person }) => person === "person:ana");
}

function approvalOf({ by, via, standsFor = [], channel, factsDigest }: AdmittedMessage): Approval {
  return { person: by as PersonId, places: standsFor.map((one) => one.person), via, channel, facts: factsDigest };
}

/** Tied to the request, or of a group the policy excludes. */
export function isExcluded(requirement: Requirement, person: PersonId): boolean {
  if (person === OWNER || person === REQUESTER) return true;
  return groupsWhen(false, person).some((group) => requirement.excludeGroups.includes(group));
}

/** The groups that matter of somebody who approved, as of the last recorded message. */
export function groupsIn(ledger: Ledger, person: PersonId): GroupId[] {
  return groupsWhen(ledger.anaHasLeft, person).filter((group) => RELEVANT.includes(group));
}

export function counting(ledger: Ledger, requirement: Requirement): Approval[] {
  const channels: readonly string[] = requirement.channels;
  return ledger.approvals.filter(
    ({ person, channel }) => !isExcluded(requirement, person) && channels.includes(channel),
  );
}
