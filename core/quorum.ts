import { type Candidate, type StandsFor, seated } from "./delegation.ts";
import type { Review } from "./deliberation-types.ts";
import type { GroupId, PersonId } from "./principal.ts";
import type { Requirement, Roster } from "./requirement.ts";

/** How one slot of a requirement stands. */
export type SlotStanding = { slot: number; from: GroupId; count: number; filledBy: PersonId[]; missing: number };

/**
 * Who fills which slot, and how many are missing. One person fills one slot, so this is a
 * matching, not a count: a person in two groups must not push the request through alone, and
 * must not block a slot that only they can fill either.
 */
export function missing(
  requirement: Requirement,
  widened: GroupId[][],
  reviews: Review[],
  excluded: PersonId[] = [],
): SlotStanding[] {
  return standings(requirement, widened, approving(requirement, reviews, excluded));
}

/** A requirement without slots is met by nobody. */
export function isMet(
  requirement: Requirement,
  widened: GroupId[][],
  reviews: Review[],
  excluded: PersonId[] = [],
): boolean {
  return isFull(missing(requirement, widened, reviews, excluded));
}

/** Could the people of the roster, all of them approving, meet the requirement? */
export function isPossible(
  requirement: Requirement,
  widened: GroupId[][],
  roster: Roster,
  excluded: PersonId[],
): boolean {
  return isFull(standings(requirement, widened, available(requirement, roster, excluded)));
}

/**
 * Slots that wait for people: those that miss somebody, and those filled by somebody who could
 * help there. Widening any other slot would not help.
 */
export function openSlots(
  requirement: Requirement,
  widened: GroupId[][],
  reviews: Review[],
  excluded: PersonId[],
): number[] {
  return competing(requirement, widened, approving(requirement, reviews, excluded));
}

/** The same, if everybody of the roster approved: nobody is left for these. */
export function starvedSlots(
  requirement: Requirement,
  widened: GroupId[][],
  roster: Roster,
  excluded: PersonId[],
): number[] {
  return competing(requirement, widened, available(requirement, roster, excluded));
}

/** May somebody of these groups fill this slot, as far as it has been widened? */
export function fits(requirement: Requirement, widened: GroupId[][], slot: number, groups: GroupId[]): boolean {
  const from = requirement.slots[slot]?.from;
  const wider = widened[slot] ?? [];
  return groups.some((group) => group === from || wider.includes(group));
}

function competing(requirement: Requirement, widened: GroupId[][], candidates: Candidate[]): number[] {
  const all = standings(requirement, widened, candidates);
  const slots = new Set(all.filter((one) => one.missing > 0).map((one) => one.slot));
  // A set also visits what is added to it on the way.
  for (const slot of slots) {
    const wanted = candidates.filter((one) => fits(requirement, widened, slot, one.groups)).map((one) => one.person);
    for (const other of all) {
      if (other.filledBy.some((person) => wanted.includes(person))) slots.add(other.slot);
    }
  }
  return [...slots].sort((a, b) => a - b);
}

function approving(requirement: Requirement, reviews: Review[], excluded: PersonId[]): Candidate[] {
  const newest = new Map<PersonId, Review>();
  for (const review of [...reviews].sort((a, b) => a.signedAt - b.signedAt)) newest.set(review.person, review);
  const free = [...newest.values()]
    .filter((review) => review.verb === "approve")
    .filter((review) => requirement.channels.includes(review.channel))
    .filter((review) => isFree(requirement, review, excluded));
  return seated(free, [...newest.keys()], (one) => isFree(requirement, one, excluded));
}

function available(requirement: Requirement, roster: Roster, excluded: PersonId[]): Candidate[] {
  // Whoever is away is here too, so that their delegates would add nothing: a place counts once.
  return roster.filter((one) => isFree(requirement, one, excluded));
}

/** Is this person neither tied to the request nor excluded by the policy? */
export function isFree(
  requirement: Requirement,
  one: Pick<Candidate | StandsFor, "person" | "groups">,
  excluded: PersonId[],
): boolean {
  return !excluded.includes(one.person) && !one.groups.some((group) => requirement.excludeGroups.includes(group));
}

function isFull(all: SlotStanding[]): boolean {
  return all.length > 0 && all.every((one) => one.missing === 0);
}

/**
 * Maximum bipartite matching by augmenting paths. Slots are filled in their order and people
 * tried by id, so the result never depends on who answered first.
 */
function standings(requirement: Requirement, widened: GroupId[][], candidates: Candidate[]): SlotStanding[] {
  const people = [...new Map(candidates.map((one) => [one.person, one])).values()].sort((a, b) =>
    a.person < b.person ? -1 : 1,
  );
  const slotOf = new Map<PersonId, number>();

  function place(slot: number, tried: Set<PersonId>): boolean {
    for (const { person, groups } of people) {
      if (tried.has(person) || slotOf.get(person) === slot || !fits(requirement, widened, slot, groups)) continue;
      tried.add(person);
      const current = slotOf.get(person);
      if (current === undefined || place(current, tried)) {
        slotOf.set(person, slot);
        return true;
      }
    }
    return false;
  }

  for (const [slot, { count }] of requirement.slots.entries()) {
    for (let unit = 0; unit < count; unit += 1) place(slot, new Set());
  }
  return requirement.slots.map(({ from, count }, slot) => {
    const filledBy = people.map((one) => one.person).filter((person) => slotOf.get(person) === slot);
    return { slot, from, count, filledBy, missing: count - filledBy.length };
  });
}
