import fc from "fast-check";
import { expect, test } from "vitest";
import type { Evaluation } from "../../core/evaluation.ts";
import type { JsonObject } from "../../core/request.ts";
import { compile, evaluate, facts, policy, type Rule, TYPE } from "./fixture.ts";

/** Conditions that come out true, false, or fail when a fact is missing. */
const when = fc.constantFrom(
  undefined,
  "data.rows > 100",
  "data.rows <= 100",
  "data.external",
  'data.labels.exists(l, l.startsWith("pii."))',
  "size(data.labels) == 0",
  'args.format == "csv" || data.maxRows > 10',
);
const group = fc.constantFrom("group:data-owners", "group:data-protection", "group:reviewers", "group:security");
const time = fc.constantFrom("30m", "1h", "4h", "8h");
const effect = fc.oneof(
  fc.constant<Rule>({ allow: { reason: "LOW_RISK_READ" } }),
  fc.constant<Rule>({ deny: { reason: "POLICY_DENIED" } }),
  fc
    .record({
      approvals: fc.uniqueArray(fc.record({ from: group, count: fc.integer({ min: 1, max: 3 }) }), {
        minLength: 1,
        maxLength: 3,
        selector: (slot) => slot.from,
      }),
      timeout: time,
      valid_for: time,
      justification: fc.constantFrom("optional", "required"),
    })
    .map((fields): Rule => ({ review: { reason: "BULK_EXPORT", ...fields } })),
);
const rule = fc.record({ when, effect, mode: fc.constantFrom("enforce", "enforce", "monitor") });
const rules = fc.array(rule, { maxLength: 6 }).map((all) =>
  all.map(
    (one, index): Rule => ({
      id: `rule-${index}`,
      on: [TYPE],
      ...(one.when === undefined ? {} : { when: one.when }),
      mode: one.mode,
      ...one.effect,
    }),
  ),
);
const data = fc.record(
  {
    rows: fc.constantFrom(0, 100, 101, 12_400),
    labels: fc.constantFrom([], ["pii.email"], ["secret.token"]),
    external: fc.boolean(),
    maxRows: fc.constantFrom(5, 5_000),
  },
  { requiredKeys: [] },
);
const given = data.map((some): JsonObject => ({ ...facts, data: some as JsonObject }));

const floor = { floor: { review: { approvals: [{ from: "group:security", count: 1 }], valid_for: "15m" } } };
const defaults = { defaults: { review: { reason: "POLICY_UNMATCHED", approvals: [{ from: "group:reviewers" }] } } };

test("the order of rules never matters", () => {
  fc.assert(
    fc.property(rules, given, fc.infiniteStream(fc.nat()), (all, some, keys) => {
      const shuffled = all.map((one) => ({ one, key: keys.next().value ?? 0 })).sort((a, b) => a.key - b.key);
      const turned = shuffled.map(({ one }) => one);
      expect(evaluate(compile(policy(turned, floor)), some)).toEqual(evaluate(compile(policy(all, floor)), some));
    }),
  );
});

test("into how many files the rules are divided, and in which order, never matters", () => {
  fc.assert(
    fc.property(rules, given, fc.nat(6), (all, some, cut) => {
      const one = policy(all.slice(0, cut), defaults, "one");
      const two = policy(all.slice(cut), floor, "two");
      const ab = evaluate(compile(one, two), some);
      expect(evaluate(compile(two, one), some)).toEqual(ab);
      const { rules: _a, policyDigest: _b, ...whole } = evaluate(compile(policy(all, { ...floor, ...defaults })), some);
      expect(ab).toMatchObject(whole);
    }),
  );
});

test("adding a deny or review rule never weakens an outcome that came from rules", () => {
  const added = rule.filter((one) => !("allow" in one.effect) && one.mode === "enforce");
  fc.assert(
    fc.property(rules, added, given, (all, more, some) => {
      const condition = more.when === undefined ? {} : { when: more.when };
      const extra: Rule = { id: "added", on: [TYPE], ...condition, ...more.effect };
      const before = evaluate(compile(policy(all, floor)), some);
      fc.pre(before.rules.some((match) => match.mode === "enforce"));
      const after = evaluate(compile(policy([...all, extra], floor)), some);
      expectNotWeaker(before, after);
    }),
  );
});

test("taking an allow rule away never weakens", () => {
  fc.assert(
    fc.property(rules, given, (all, some) => {
      const without = all.filter((one) => !("allow" in one));
      expectNotWeaker(evaluate(compile(policy(all)), some), evaluate(compile(policy(without)), some));
    }),
  );
});

test("a fact that is missing never turns into an allow what was not one, unless a rule allows without it", () => {
  fc.assert(
    fc.property(rules, given, (all, some) => {
      const evaluation = evaluate(compile(policy(all)), some);
      const failed = evaluation.rules.filter((match) => match.error !== null);
      expect(failed.every((match) => match.effect !== "allow")).toBe(true);
      if (failed.some((match) => match.mode === "enforce")) expect(evaluation.outcome).not.toBe("allow");
    }),
  );
});

test("a rule in monitor mode never changes the outcome", () => {
  fc.assert(
    fc.property(rules, given, (all, some) => {
      const enforced = all.filter((one) => one.mode === "enforce");
      const watched = evaluate(compile(policy(all, { ...floor, ...defaults })), some);
      const plain = evaluate(compile(policy(enforced, { ...floor, ...defaults })), some);
      expect({ ...watched, rules: [], policyDigest: "" }).toEqual({ ...plain, rules: [], policyDigest: "" });
    }),
  );
});

const STRENGTH = { allow: 0, review: 1, deny: 2 };

function expectNotWeaker(before: Evaluation, after: Evaluation): void {
  expect(STRENGTH[after.outcome]).toBeGreaterThanOrEqual(STRENGTH[before.outcome]);
  if (before.outcome !== "review" || after.outcome !== "review") return;
  const [was, is] = [before.requirement, after.requirement];
  for (const slot of was?.slots ?? []) {
    expect(is?.slots.find((one) => one.from === slot.from)?.count ?? 0).toBeGreaterThanOrEqual(slot.count);
  }
  expect(is?.timeoutSeconds ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(was?.timeoutSeconds ?? 0);
  expect(is?.validForSeconds ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(was?.validForSeconds ?? 0);
  if (was?.justification === "required") expect(is?.justification).toBe("required");
  expect((is?.channels ?? []).every((channel) => was?.channels.includes(channel))).toBe(true);
}
