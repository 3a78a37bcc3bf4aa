import type { AccountId, GroupId, Instant, PersonId } from "./principal.ts";

/** Somebody is away and names who answers for them meanwhile. Insert-only; the newest of a person holds. */
export type Delegation = {
  version: 1;
  id: string;
  from: PersonId;
  /** null ends the one before. */
  to: PersonId | null;
  /** From `at` until then. */
  until: Instant;
  at: Instant;
  /** How it was ordered: the account or person that the signing process authenticated. */
  by: PersonId | AccountId;
};

/** Whose place somebody can take: the other's own groups only, so that a delegation is never passed on. */
export type StandsFor = { person: PersonId; name: string; groups: GroupId[]; until: Instant };

/** Somebody who could fill a slot, in their own right or in the place of colleagues who are away. */
export type Candidate = { person: PersonId; groups: GroupId[]; standsFor?: StandsFor[] };

/**
 * Each candidate with all the groups they can answer for. A place is taken once: by whoever holds it when they
 * have answered themselves, else by one delegate, the first by id. Nobody takes the place of somebody who is
 * kept from answering.
 */
export function seated(
  candidates: Candidate[],
  answered: PersonId[],
  mayHold: (one: StandsFor) => boolean,
): Candidate[] {
  const taken = new Set<PersonId>(answered);
  return [...candidates]
    .sort((a, b) => (a.person < b.person ? -1 : 1))
    .map(({ person, groups, standsFor = [] }) => {
      const places = standsFor.filter((one) => one.person !== person && !taken.has(one.person) && mayHold(one));
      for (const one of places) taken.add(one.person);
      return { person, groups: [...new Set([...groups, ...places.flatMap((one) => one.groups)])] };
    });
}
