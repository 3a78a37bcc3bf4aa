import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LIMITS } from "../../core/limits.ts";
import { type Contribution, type MergeInput, merge, type RequirementFields } from "../../core/merge.ts";
import { contributed, mergeFields } from "../../core/merge-fields.ts";
import type { GroupId } from "../../core/principal.ts";
import type { Requirement } from "../../core/requirement.ts";
import { DATA, ONCALL, SECURITY, slot } from "./fixture.ts";

const LEGAL: GroupId = "group:legal";
const defaults = {
  reason: "POLICY_UNMATCHED",
  requirement: { slots: [slot("group:reviewers")], timeoutSeconds: 10_000 },
};
const input = (contributions: Contribution[], tweak: Partial<MergeInput> = {}): MergeInput => ({
  contributions,
  floors: [],
  defaults,
  ...tweak,
});
const allow = (rule: string): Contribution => ({ rule, outcome: "allow", reason: "LOW_RISK_READ" });
const deny = (rule: string): Contribution => ({ rule, outcome: "deny", reason: "DLP_SECRET_EGRESS" });
const review = (rule: string, requirement: RequirementFields = {}): Contribution => ({
  rule,
  outcome: "review",
  reason: "BULK_EXPORT",
  requirement: { slots: [slot(DATA)], ...requirement },
});

describe("which outcome", () => {
  it("deny is stronger than review, and review stronger than allow", () => {
    expect(merge(input([allow("a"), review("r"), deny("d")])).outcome).toBe("deny");
    expect(merge(input([allow("a"), review("r")])).outcome).toBe("review");
    expect(merge(input([allow("a")])).outcome).toBe("allow");
  });

  it("nothing matched: the defaults, and it says so", () => {
    const merged = merge(input([]));
    expect(merged).toMatchObject({ outcome: "review", requirement: { slots: [slot("group:reviewers")] } });
    expect(merged.reasons).toEqual([{ code: "POLICY_UNMATCHED", rule: "defaults", note: null }]);
    expect(merged.provenance["slots.group:reviewers"]).toEqual(["defaults"]);
  });

  it("no policy at all: denied", () => {
    expect(merge(input([], { defaults: null }))).toMatchObject({
      outcome: "deny",
      reasons: [{ code: "POLICY_NO_POLICY" }],
      requirement: null,
    });
  });

  it("a deny or review rule whose condition failed counts; an allow rule does not", () => {
    const failed = { error: "no such key" };
    expect(merge(input([{ ...deny("d"), ...failed }]))).toMatchObject({
      outcome: "deny",
      reasons: [
        { code: "DLP_SECRET_EGRESS", rule: "d" },
        { code: "POLICY_EVAL_ERROR", rule: "d", note: "no such key" },
      ],
    });
    expect(merge(input([allow("a"), { ...review("r"), ...failed }])).outcome).toBe("review");
    expect(merge(input([{ ...allow("a"), ...failed }])).reasons[0]?.code).toBe("POLICY_UNMATCHED");
  });

  it("a review nobody could answer is denied instead of waiting for ever", () => {
    const apart = [review("r", { channels: ["page"] }), review("s", { channels: ["api"] })];
    expect(merge(input(apart))).toMatchObject({ outcome: "deny" });
    expect(merge(input(apart)).reasons.map((one) => one.code)).toContain("POLICY_UNANSWERABLE");
    expect(merge(input([review("r", { slots: [] })], { defaults: null })).outcome).toBe("deny");
  });
});

describe("how reviews merge", () => {
  const merged = (a: RequirementFields, b: RequirementFields) => merge(input([review("a", a), review("b", b)]));

  it("slots are united, with the larger count", () => {
    const one = merged({ slots: [slot(DATA, 2)] }, { slots: [slot(DATA), slot(SECURITY)] });
    expect(one.requirement?.slots).toEqual([slot(DATA, 2), slot(SECURITY)]);
    expect(one.provenance["slots.group:data"]).toEqual(["a"]);
    expect(one.provenance["slots.group:security"]).toEqual(["b"]);
  });

  it("a rule that names one group twice wants the people of both", () => {
    const one = merge(input([review("a", { slots: [slot(DATA), slot(DATA, 2)] })]));
    expect(one.requirement?.slots).toEqual([slot(DATA, 3)]);
  });

  it("times are the smaller, holds the longer", () => {
    const a = { timeoutSeconds: 100, maxTimeoutSeconds: 900, validForSeconds: 60, holdSeconds: 10 };
    const b = { timeoutSeconds: 200, maxTimeoutSeconds: 300, validForSeconds: 30, holdSeconds: 20 };
    expect(merged(a, b).requirement).toMatchObject({
      timeoutSeconds: 100,
      maxTimeoutSeconds: 300,
      validForSeconds: 30,
      holdSeconds: 20,
    });
    expect(merged(a, b).provenance).toMatchObject({
      timeoutSeconds: ["a"],
      validForSeconds: ["b"],
      holdSeconds: ["b"],
    });
  });

  it("channels are those all accept, exclusions and reminders those any wants, justification the stronger", () => {
    const a: RequirementFields = { channels: ["page", "api"], excludeGroups: [DATA], remindSeconds: [60, 30] };
    const b: RequirementFields = { channels: ["page"], excludeGroups: [ONCALL], justification: "required" };
    expect(merged(a, b).requirement).toMatchObject({
      channels: ["page"],
      excludeGroups: [DATA, ONCALL],
      remindSeconds: [30, 60],
      justification: "required",
    });
  });

  it("a merged slot widens only to groups every rule allows, at the latest of their times", () => {
    const a = [
      slot(DATA, 1, [
        { afterSeconds: 60, to: ONCALL },
        { afterSeconds: 90, to: LEGAL },
      ]),
    ];
    const b = [slot(DATA, 1, [{ afterSeconds: 120, to: ONCALL }])];
    expect(merged({ slots: a }, { slots: b }).requirement?.slots[0]?.escalate).toEqual([
      { afterSeconds: 120, to: ONCALL },
    ]);
    expect(merged({ slots: a }, { slots: [slot(DATA)] }).requirement?.slots[0]?.escalate).toEqual([]);
  });

  it("another rule that is silent about a slot does not narrow it", () => {
    const a = [slot(DATA, 1, [{ afterSeconds: 60, to: ONCALL }])];
    expect(merged({ slots: a }, { slots: [slot(SECURITY)] }).requirement?.slots[0]).toEqual(a[0]);
  });

  it("the floor is merged into every review, the defaults included, and into what an allow is valid for", () => {
    const floors: RequirementFields[] = [{ validForSeconds: 60, channels: ["page"], holdSeconds: 300_000 }];
    const floored = { validForSeconds: 60, channels: ["page"], holdSeconds: 300_000 };
    expect(merge(input([review("a")], { floors })).requirement).toMatchObject(floored);
    expect(merge(input([], { floors })).requirement).toMatchObject(floored);
    expect(merge(input([allow("a")], { floors }))).toMatchObject({
      validForSeconds: 60,
      provenance: { validForSeconds: ["floor"] },
    });
  });

  it("what a rule leaves open comes from the defaults, then from what is built in", () => {
    const one = merge(input([review("a")]));
    expect(one.requirement).toMatchObject({
      timeoutSeconds: 10_000,
      validForSeconds: LIMITS.defaultValidForSeconds,
      holdSeconds: LIMITS.defaultHoldSeconds,
    });
    expect(one.provenance.timeoutSeconds).toEqual(["defaults"]);
  });

  it("a rule that says nothing about extending allows nothing beyond its own timeout", () => {
    expect(merge(input([review("a", { timeoutSeconds: 50_000 })])).requirement?.maxTimeoutSeconds).toBe(50_000);
  });
});

const GROUPS: GroupId[] = [DATA, SECURITY, ONCALL, LEGAL];
const seconds = fc.integer({ min: 1, max: 5 }).map((n) => n * 100);
const escalate = fc.array(fc.record({ afterSeconds: seconds, to: fc.constantFrom(...GROUPS) }), { maxLength: 3 });
const slots = fc.array(
  fc.record({ from: fc.constantFrom(...GROUPS), count: fc.integer({ min: 1, max: 3 }), escalate }),
  { minLength: 1, maxLength: 3 },
);
const fields: fc.Arbitrary<RequirementFields> = fc.record(
  {
    slots,
    timeoutSeconds: seconds,
    maxTimeoutSeconds: seconds,
    validForSeconds: seconds,
    holdSeconds: seconds,
    remindSeconds: fc.array(seconds, { maxLength: 3 }),
    channels: fc.subarray(["page", "api", "slack"] as const, { minLength: 1 }).map((some) => [...some]),
    excludeGroups: fc.subarray(GROUPS),
    justification: fc.constantFrom("optional" as const, "required" as const),
  },
  { requiredKeys: [] },
);
const contribution: fc.Arbitrary<Contribution> = fc.record({
  rule: fc.constantFrom("a", "b", "c", "d", "e"),
  outcome: fc.constantFrom("allow" as const, "review" as const, "deny" as const),
  reason: fc.constantFrom("BULK_EXPORT", "PII_EXPORT"),
  error: fc.constantFrom(null, null, "failed"),
  requirement: fields,
});
const whole = fc.record({
  contributions: fc.array(contribution, { maxLength: 5 }),
  floors: fc.array(fields, { maxLength: 2 }),
  defaults: fc.record({ reason: fc.constant("POLICY_UNMATCHED"), requirement: fields }),
});
const element = fc
  .tuple(fc.constantFrom("a", "b", "c"), fields)
  .map(([rule, one]) => contributed(rule, one, [defaults.requirement]));

describe("merge laws", () => {
  it("merging is associative, commutative and idempotent, provenance included", () => {
    fc.assert(
      fc.property(element, element, element, (a, b, c) => {
        expect(mergeFields(a, mergeFields(b, c))).toEqual(mergeFields(mergeFields(a, b), c));
        expect(mergeFields(a, b)).toEqual(mergeFields(b, a));
        expect(mergeFields(a, a)).toEqual(a);
      }),
    );
  });

  it("the order of rules and saying one twice changes nothing", () => {
    const shuffled = whole.chain((one) =>
      fc.tuple(fc.constant(one), fc.shuffledSubarray(one.contributions, { minLength: one.contributions.length })),
    );
    fc.assert(
      fc.property(shuffled, ([one, contributions]) => {
        expect(merge({ ...one, contributions: [...contributions, ...contributions] })).toEqual(merge(one));
      }),
    );
  });

  it("adding a deny or review rule never weakens what rules said", () => {
    const added = contribution.filter((one) => one.outcome !== "allow");
    fc.assert(
      fc.property(whole, added, (one, more) => {
        const before = merge(one);
        const after = merge({ ...one, contributions: [...one.contributions, more] });
        const said = one.contributions.some((some) => some.outcome !== "allow" || !some.error);
        if (said) expectNotWeaker(after, before);
      }),
      { numRuns: 500 },
    );
  });

  it("nothing is ever below the floor", () => {
    fc.assert(
      fc.property(whole, fields, (one, floor) => {
        const withFloor = merge({ ...one, floors: [...one.floors, floor] });
        const before = merge(one);
        // A floor that names people answers what the rules alone left unanswerable.
        if (before.reasons.every((reason) => reason.code !== "POLICY_UNANSWERABLE")) expectNotWeaker(withFloor, before);
        const { requirement } = withFloor;
        if (!requirement) return;
        expect(requirement.validForSeconds).toBeLessThanOrEqual(floor.validForSeconds ?? Number.POSITIVE_INFINITY);
        expect(requirement.excludeGroups).toEqual(expect.arrayContaining(floor.excludeGroups ?? []));
        expect(floor.channels ?? ["page", "api", "slack"]).toEqual(expect.arrayContaining(requirement.channels));
      }),
    );
  });

  it("an allow needs an allow rule that was evaluated", () => {
    fc.assert(
      fc.property(whole, (one) => {
        const allowed = one.contributions.some((some) => some.outcome === "allow" && !some.error);
        const against = one.contributions.some((some) => some.outcome !== "allow");
        expect(merge(one).outcome === "allow").toBe(allowed && !against);
      }),
    );
  });
});

const STRENGTH = { allow: 0, review: 1, deny: 2 };
type Merged = ReturnType<typeof merge>;

function expectNotWeaker(after: Merged, before: Merged): void {
  expect(STRENGTH[after.outcome]).toBeGreaterThanOrEqual(STRENGTH[before.outcome]);
  if (after.requirement && before.requirement) expectAsStrict(after.requirement, before.requirement);
}

function expectAsStrict(after: Requirement, before: Requirement): void {
  for (const field of ["timeoutSeconds", "maxTimeoutSeconds", "validForSeconds"] as const) {
    expect(after[field]).toBeLessThanOrEqual(before[field]);
  }
  expect(after.holdSeconds).toBeGreaterThanOrEqual(before.holdSeconds);
  expect(before.channels).toEqual(expect.arrayContaining(after.channels));
  expect(after.excludeGroups).toEqual(expect.arrayContaining(before.excludeGroups));
  expect(before.justification === "required" && after.justification === "optional").toBe(false);
  for (const old of before.slots) {
    const now = after.slots.find((one) => one.from === old.from);
    expect(now?.count).toBeGreaterThanOrEqual(old.count);
    for (const step of now?.escalate ?? []) {
      const earlier = old.escalate.find((one) => one.to === step.to);
      expect(earlier?.afterSeconds).toBeLessThanOrEqual(step.afterSeconds);
    }
  }
}
