import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Review } from "../../core/deliberation-types.ts";
import type { GroupId, PersonId } from "../../core/principal.ts";
import { isMet, isPossible, missing, starvedSlots } from "../../core/quorum.ts";
import type { Requirement } from "../../core/requirement.ts";
import { DATA, ONCALL, requirement, SECURITY, slot } from "./fixture.ts";

function approval(person: PersonId, groups: GroupId[], tweak: Partial<Review> = {}): Review {
  return {
    messageId: `m-${person}`,
    person,
    name: person,
    verb: "approve",
    groups,
    channel: "page",
    factsDigest: null,
    reason: null,
    note: null,
    signedAt: 1,
    ...tweak,
  };
}

const both = requirement({ slots: [slot(DATA), slot(SECURITY)] });

describe("quorum", () => {
  it("one person in two groups fills one slot", () => {
    expect(isMet(both, [], [approval("person:dia", [DATA, SECURITY])])).toBe(false);
  });

  it("moves a person who could fill either slot to where nobody else can", () => {
    const reviews = [approval("person:dia", [DATA, SECURITY]), approval("person:ana", [DATA])];
    expect(missing(both, [], reviews)).toEqual([
      { slot: 0, from: DATA, count: 1, filledBy: ["person:ana"], missing: 0 },
      { slot: 1, from: SECURITY, count: 1, filledBy: ["person:dia"], missing: 0 },
    ]);
  });

  it("says what is missing, slot by slot", () => {
    const needed = requirement({ slots: [slot(DATA, 2), slot(SECURITY)] });
    expect(missing(needed, [], [approval("person:ana", [DATA])]).map((one) => one.missing)).toEqual([1, 1]);
  });

  it("a widened slot takes people of the wider group, and no other slot does", () => {
    const reviews = [approval("person:eli", [ONCALL])];
    expect(missing(both, [[ONCALL], []], reviews).map((one) => one.missing)).toEqual([0, 1]);
  });

  it("a deny, an excluded person and a channel that is not allowed count for nothing", () => {
    const needed = requirement({ channels: ["page"], excludeGroups: [ONCALL] });
    expect(isMet(needed, [], [approval("person:ana", [DATA])])).toBe(true);
    expect(isMet(needed, [], [approval("person:ana", [DATA], { verb: "deny" })])).toBe(false);
    expect(isMet(needed, [], [approval("person:ana", [DATA], { channel: "api" })])).toBe(false);
    expect(isMet(needed, [], [approval("person:ana", [DATA, ONCALL])])).toBe(false);
    expect(isMet(needed, [], [approval("person:ana", [DATA])], ["person:ana"])).toBe(false);
  });

  it("a requirement without slots is met by nobody", () => {
    expect(isMet(requirement({ slots: [] }), [], [approval("person:ana", [DATA])])).toBe(false);
  });

  it("the newest answer of a person is the one that counts", () => {
    const first = approval("person:ana", [DATA]);
    const second = approval("person:ana", [DATA], { verb: "deny", signedAt: 2 });
    expect(isMet(requirement(), [], [second, first])).toBe(false);
  });

  it("is possible only with people who are not excluded", () => {
    const roster = [{ person: "person:ana" as const, name: "Ana", groups: [DATA] }];
    expect(isPossible(requirement(), [], roster, [])).toBe(true);
    expect(isPossible(requirement(), [], roster, ["person:ana"])).toBe(false);
    expect(isPossible(requirement({ excludeGroups: [DATA] }), [], roster, [])).toBe(false);
    expect(isPossible(requirement(), [], [], [])).toBe(false);
  });

  it("the starved slots are those that compete for too few people, not their neighbours", () => {
    const needed = requirement({ slots: [slot(DATA), slot(SECURITY), slot(ONCALL)] });
    const roster = [
      { person: "person:dia" as const, name: "Dia", groups: [DATA, SECURITY] },
      { person: "person:eli" as const, name: "Eli", groups: [ONCALL] },
    ];
    expect(starvedSlots(needed, [], roster, [])).toEqual([0, 1]);
  });
});

const GROUPS: GroupId[] = [DATA, SECURITY, ONCALL, "group:legal"];
const groups = fc.subarray(GROUPS);
const reviews = fc
  .uniqueArray(fc.tuple(fc.integer({ min: 0, max: 6 }), groups), { selector: ([id]) => id, maxLength: 6 })
  .map((people) => people.map(([id, of]) => approval(`person:${id}`, of)));
const needed: fc.Arbitrary<Requirement> = fc
  .array(fc.tuple(fc.constantFrom(...GROUPS), fc.integer({ min: 1, max: 2 })), { minLength: 1, maxLength: 3 })
  .map((slots) => requirement({ slots: slots.map(([from, count]) => slot(from, count)) }));

describe("quorum laws", () => {
  it("agrees with trying every assignment of people to places", () => {
    fc.assert(
      fc.property(needed, reviews, (one, given) => {
        const places = one.slots.flatMap(({ from, count }) => Array.from({ length: count }, () => from));
        const open = missing(one, [], given).reduce((sum, standing) => sum + standing.missing, 0);
        expect(places.length - open).toBe(mostPlaces(places, given));
      }),
    );
  });

  it("the order of approvals changes nothing, not even who fills what", () => {
    const shuffled = reviews.chain((given) =>
      fc.tuple(fc.constant(given), fc.shuffledSubarray(given, { minLength: given.length })),
    );
    fc.assert(
      fc.property(needed, shuffled, (one, [given, other]) => {
        expect(missing(one, [], other)).toEqual(missing(one, [], given));
      }),
    );
  });

  it("a person never fills two places, and only slots of their own groups", () => {
    fc.assert(
      fc.property(needed, reviews, (one, given) => {
        const standings = missing(one, [], given);
        const filled = standings.flatMap((standing) => standing.filledBy);
        expect(new Set(filled).size).toBe(filled.length);
        for (const { from, filledBy } of standings) {
          for (const person of filledBy) {
            expect(given.find((review) => review.person === person)?.groups).toContain(from);
          }
        }
      }),
    );
  });

  it("another approval never makes more people missing", () => {
    fc.assert(
      fc.property(needed, reviews, groups, (one, given, of) => {
        const more = [...given, approval("person:more", of)];
        const open = (some: Review[]) => missing(one, [], some).reduce((sum, standing) => sum + standing.missing, 0);
        expect(open(more)).toBeLessThanOrEqual(open(given));
      }),
    );
  });
});

/** The slow, obvious way. */
function mostPlaces([place, ...rest]: GroupId[], people: Review[]): number {
  if (place === undefined) return 0;
  const without = mostPlaces(rest, people);
  const withSomebody = people
    .filter((one) => one.groups.includes(place))
    .map(
      (one) =>
        1 +
        mostPlaces(
          rest,
          people.filter((other) => other !== one),
        ),
    );
  return Math.max(without, ...withSomebody);
}
