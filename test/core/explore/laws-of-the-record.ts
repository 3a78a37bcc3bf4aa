import type { GroupId, PersonId } from "../../../core/principal.ts";
import type { Requirement } from "../../../core/requirement.ts";
import { couldBeSeated } from "./brute-force.ts";
import { GROUPS, groupsWhen, RELEVANT } from "./company.ts";
import { groupsIn, type Ledger } from "./ledger.ts";
import type { Transition } from "./position.ts";

/** Core's reviews against the explorer's own book: same people, same groups, same places. */
export function ledgerKept({ before, after: { state, around } }: Transition): boolean {
  if (state === before.state || state.phase === "ended") return true;
  const { ledger } = around;
  const expected = ledger.approvals.map(({ person, places, via }) => {
    const own = groupsIn(ledger, person).sort();
    return `${person} ${own} ${heldPlaces(ledger, places)} ${via.startsWith("slack:") ? via : ""}`;
  });
  const kept = state.reviews.map(({ person, groups, standsFor = [], via }) => {
    const own = groups.filter((group) => RELEVANT.includes(group)).sort();
    return `${person} ${own} ${standsFor.map((one) => one.person).sort()} ${via ?? ""}`;
  });
  return expected.sort().join("\n") === kept.sort().join("\n");
}

/** A place lapses when its holder leaves. */
function heldPlaces(ledger: Ledger, places: readonly PersonId[]): PersonId[] {
  return places.filter((holder) => groupsWhen(ledger.anaHasLeft, holder).length > 0).sort();
}

/** A widening is one of the policy's; before its time it takes that all who are there could not fill the slots. */
export function widenedRightly({ before, after: { state, now } }: Transition): boolean {
  const { requirement, widened } = state;
  if (requirement === null || state.widened === before.state.widened) return true;
  return requirement.slots.every(({ escalate }, slot) =>
    (widened[slot] ?? []).every((group) => {
      if ((before.state.widened[slot] ?? []).includes(group)) return true;
      const rung = escalate.find((one) => one.to === group);
      if (!rung) return false;
      return now >= rung.afterSeconds * 1000 || !couldBeMet(requirement, before.state.widened, state.roster);
    }),
  );
}

function couldBeMet(requirement: Requirement, widened: GroupId[][], roster: { person: PersonId }[]): boolean {
  const present = roster.map(({ person }) => ({ person, groups: GROUPS[person] ?? [], places: [] }));
  return couldBeSeated(requirement, widened, present);
}
