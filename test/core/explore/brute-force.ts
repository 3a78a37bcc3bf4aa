import type { GroupId, PersonId } from "../../../core/principal.ts";
import type { Requirement } from "../../../core/requirement.ts";
import { type Approval, counting, groupsIn, isExcluded, type Ledger } from "./ledger.ts";

/** Somebody who could take one seat, in their own right or in the place of one colleague each. */
type Sitter = { person: PersonId; groups: GroupId[]; places: { holder: PersonId; groups: GroupId[] }[] };

/**
 * Is there any way to seat different people so that every slot is full? Tries all of them: no
 * matching, no order, and a place of somebody away at most once.
 */
export function canBeSeated(requirement: Requirement, widened: GroupId[][], ledger: Ledger): boolean {
  const sitters = counting(ledger, requirement).map((approval) => sitterOf(requirement, ledger, approval));
  return allSeated(requirement, widened, sitters);
}

/** The same for everybody the directory knows, if all of them approved. */
export function couldBeSeated(requirement: Requirement, widened: GroupId[][], people: Sitter[]): boolean {
  const free = people.filter(({ person }) => !isExcluded(requirement, person));
  return allSeated(requirement, widened, free);
}

function allSeated(requirement: Requirement, widened: GroupId[][], sitters: Sitter[]): boolean {
  const seats = requirement.slots.flatMap(({ from, count }, slot) =>
    Array.from({ length: count }, () => [from, ...(widened[slot] ?? [])]),
  );
  return seats.length > 0 && seated(seats, 0, sitters, [], []);
}

function seated(seats: GroupId[][], index: number, sitters: Sitter[], sitting: PersonId[], taken: PersonId[]): boolean {
  const seat = seats[index];
  if (!seat) return true;
  const fits = (groups: GroupId[]) => groups.some((group) => seat.includes(group));
  return sitters.some(({ person, groups, places }) => {
    if (sitting.includes(person)) return false;
    if (fits(groups) && seated(seats, index + 1, sitters, [...sitting, person], taken)) return true;
    return places.some(
      ({ holder, groups: theirs }) =>
        !taken.includes(holder) &&
        fits(theirs) &&
        seated(seats, index + 1, sitters, [...sitting, person], [...taken, holder]),
    );
  });
}

/** A place is nobody's to take while its holder has answered, has left, or is kept from answering. */
function sitterOf(requirement: Requirement, ledger: Ledger, { person, places }: Approval): Sitter {
  const answered = ledger.approvals.map((one) => one.person);
  const free = places.filter((holder) => !answered.includes(holder) && !isExcluded(requirement, holder));
  return {
    person,
    groups: groupsIn(ledger, person),
    places: free.map((holder) => ({ holder, groups: groupsIn(ledger, holder) })),
  };
}

/** Two delegates of one person: which of them takes the place is a rule of its own. */
export function isContended({ approvals }: Ledger): boolean {
  const holders = approvals.flatMap(({ places }) => [...places]);
  return new Set(holders).size < holders.length;
}
