import fc from "fast-check";
import { expect, test } from "vitest";
import { type Candidate, type StandsFor, seated } from "../../core/delegation.ts";
import { step } from "../../core/deliberation.ts";
import type { PersonId, PrincipalId } from "../../core/principal.ts";
import { AGENT, at, DATA, groupsOf, HOUR, ONCALL, pending, SECURITY, says, slot } from "./fixture.ts";

/** `nobody` is in no group at all; whatever they may do, they may do in somebody's place. */
const NOBODY = "person:nobody";
const place = (person: PersonId): StandsFor => ({ person, name: person, groups: groupsOf(person), until: at(HOUR) });
const inPlaceOf = (...people: PersonId[]) => ({ standsFor: people.map(place) });

test("a delegate answers in the place of somebody who is away", () => {
  const { state, answer } = step(pending(), says("approve", NOBODY, at(1), inPlaceOf("person:ana")), at(1));
  expect(answer).toEqual({ recorded: true, code: "REVIEW_REQUIREMENT_MET" });
  expect(state.phase).toBe("starting");
});

test("a delegate may deny as well", () => {
  const { state } = step(pending(), says("deny", NOBODY, at(1), inPlaceOf("person:ana")), at(1));
  expect(state.outcome?.status).toBe("denied");
});

test("without a delegation the same person is refused", () => {
  const { answer } = step(pending(), says("approve", NOBODY, at(1)), at(1));
  expect(answer).toEqual({ recorded: false, code: "REVIEW_NOT_ELIGIBLE" });
});

test.each<[PersonId, string]>([
  ["person:owner", "the owner of the agent"],
  ["person:asker", "the person the agent acts for"],
])("nobody answers in the place of %s, who is %s", (excluded) => {
  const { answer, state } = step(pending(), says("approve", NOBODY, at(1), inPlaceOf(excluded)), at(1));
  expect(answer).toEqual({ recorded: false, code: "REVIEW_NOT_ELIGIBLE" });
  expect(state.phase).toBe("pending");
});

test.each<PrincipalId>(["person:owner", "person:asker", AGENT])("%s stays excluded, whoever names them", (by) => {
  const { answer } = step(pending(), says("approve", by, at(1), inPlaceOf("person:ana")), at(1));
  expect(answer?.recorded).toBe(false);
});

test("nobody answers in the place of somebody whom the policy excludes", () => {
  const state = pending({ excludeGroups: [ONCALL], slots: [slot(ONCALL), slot(DATA)] });
  const { answer } = step(state, says("approve", NOBODY, at(1), inPlaceOf("person:eli")), at(1));
  expect(answer).toEqual({ recorded: false, code: "REVIEW_NOT_ELIGIBLE" });
});

test("the place of somebody whom the policy excludes stays empty, whoever answers after their delegate", () => {
  const state = pending({ excludeGroups: [ONCALL], slots: [slot(DATA), slot(SECURITY)] });
  const excluded: StandsFor = { ...place("person:ana"), groups: [DATA, ONCALL] };
  const delegate = says("approve", "person:cas", at(1), { standsFor: [excluded] });
  const first = step(state, delegate, at(1));
  expect(first.answer).toMatchObject({ recorded: true });
  // A roster lists the groups that can fill a slot, and no others.
  const second = says("approve", "person:eli", at(2), { groups: [SECURITY] });
  const roster = second.roster.map((one) => (one.person === "person:eli" ? { ...one, groups: [SECURITY] } : one));
  const { state: after } = step(first.state, { ...second, roster }, at(2));
  expect(after.phase).toBe("pending");
});

test("a place counts once: its holder and their delegate are not two", () => {
  const two = pending({ slots: [slot(DATA, 2)] });
  const first = step(two, says("approve", "person:ana", at(1)), at(1)).state;
  const second = step(first, says("approve", NOBODY, at(2), inPlaceOf("person:ana")), at(2)).state;
  expect(second.phase).toBe("pending");
  const other = step(second, says("approve", "person:ben", at(3)), at(3)).state;
  expect(other.phase).toBe("starting");
});

test("a place counts once in the other order too", () => {
  const two = pending({ slots: [slot(DATA, 2)] });
  const first = step(two, says("approve", NOBODY, at(1), inPlaceOf("person:ana")), at(1)).state;
  const second = step(first, says("approve", "person:ana", at(2)), at(2)).state;
  expect(second.phase).toBe("pending");
});

test("a delegate of two people is still one person and fills one slot", () => {
  const state = pending({ slots: [slot(DATA), slot(SECURITY)] });
  const both = inPlaceOf("person:ana", "person:cas");
  expect(step(state, says("approve", NOBODY, at(1), both), at(1)).state.phase).toBe("pending");
});

test("a place is worth nothing once its holder has left the group, or the delegate the directory", () => {
  const two = pending({ slots: [slot(DATA), slot(SECURITY)] });
  const first = step(two, says("approve", NOBODY, at(1), inPlaceOf("person:ana")), at(1)).state;
  const second = says("approve", "person:cas", at(2));
  const without = (person: PersonId) => second.roster.filter((one) => one.person !== person);
  expect(step(first, second, at(2)).state.phase).toBe("starting");
  expect(step(first, { ...second, roster: without("person:ana") }, at(2)).state.phase).toBe("pending");
  expect(step(first, { ...second, roster: without(NOBODY) }, at(2)).state.phase).toBe("pending");
});

test("auditing is never delegated", () => {
  const flagged = step(pending(), says("flag", "person:ana", at(1)), at(1)).state;
  const { answer } = step(flagged, says("release", NOBODY, at(2), inPlaceOf("person:aud")), at(2));
  expect(answer?.recorded).toBe(false);
});

const people = fc.constantFrom<PersonId>("person:ana", "person:ben", "person:cas", "person:dia", "person:nobody");
const candidates = fc.uniqueArray(
  fc
    .record({ person: people, places: fc.uniqueArray(people, { maxLength: 3 }) })
    .map(({ person, places }): Candidate => ({ person, groups: groupsOf(person), standsFor: places.map(place) })),
  { selector: (one) => one.person },
);

test("whatever delegations there are, no place is taken twice and the order of arrivals does not matter", () => {
  fc.assert(
    fc.property(candidates, fc.array(people), (all, answered) => {
      const seats = seated(all, answered, () => true);
      const gained = seats.flatMap((one) => {
        const own = groupsOf(one.person);
        return one.groups.filter((group) => !own.includes(group)).map((group) => `${one.person} ${group}`);
      });
      const possible = all.flatMap((one) => (one.standsFor ?? []).filter((each) => !answered.includes(each.person)));
      expect(gained.length).toBeLessThanOrEqual(new Set(possible.map((one) => one.person)).size * 2);
      expect(seated([...all].reverse(), answered, () => true)).toEqual(seats);
    }),
  );
});
