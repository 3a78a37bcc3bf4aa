import { describe, expect, test } from "vitest";
import { LIMITS } from "../../core/limits.ts";
import type { JsonObject } from "../../core/request.ts";
import { digestOf } from "../../crypto/digest.ts";
import { type Explanation, explain } from "../../policy/explain.ts";
import { renderExplanation } from "../../policy/explain-text.ts";
import { allow, compile, deny, facts, NOW, policy, review, TYPE, withData } from "./fixture.ts";

function explained(text: string, given: JsonObject = facts): Explanation {
  return explain(compile(text), given, { actionType: TYPE, now: NOW, factsDigest: digestOf(given) });
}

describe("an explanation", () => {
  test("shows a matched rule clause by clause, with the values it used", () => {
    const { matched } = explained(policy([review("a", 'data.rows > 1000 && data.labels.exists(l, l == "pii.email")')]));
    expect(matched[0]).toMatchObject({ id: "a", effect: "review", file: "policies/0.yaml", line: 7, error: null });
    expect(matched[0]?.clauses).toEqual([
      { text: "data.rows > 1000", result: "true", error: null, values: [{ name: "data.rows", value: 12_400 }] },
      {
        text: 'data.labels.exists(l, l == "pii.email")',
        result: "true",
        error: null,
        values: [{ name: "data.labels", value: ["pii.email"] }],
      },
    ]);
  });

  test("shows a skipped rule with the first clause that was not true, and its values", () => {
    const { skipped } = explained(policy([allow("a", 'target.name == "crm" && data.rows < 100 && data.external')]));
    expect(skipped[0]).toMatchObject({
      id: "a",
      failed: { text: "data.rows < 100", result: "false", values: [{ name: "data.rows", value: 12_400 }] },
    });
  });

  test("puts parentheses back where a clause needs them", () => {
    const { matched } = explained(policy([deny("a", "(data.external) || (data.rows > 1)")]));
    expect(matched[0]?.clauses.map((clause) => clause.text)).toEqual(["(data.external) || (data.rows > 1)"]);
  });

  test("reads facts inside loops, and never the loop's own variable", () => {
    const { matched } = explained(policy([deny("a", "data.columns.exists(c, c.startsWith(data.tables[0]))")]));
    expect(matched[0]?.clauses[0]?.values.map((value) => value.name)).toEqual(["data.columns", "data.tables"]);
  });

  test("says which clause could not be evaluated, and that it counts", () => {
    const { rows: _, ...data } = facts.data;
    const explanation = explained(policy([deny("a", "!data.external && data.rows > 1")]), { ...facts, data });
    expect(explanation.matched[0]).toMatchObject({
      error: "No such key: rows",
      clauses: [{ result: "true" }, { result: "error", values: [{ name: "data.rows", value: null }] }],
    });
    expect(renderExplanation(explanation)).toContain("could not be evaluated, so it counts: No such key: rows");
  });

  test("tells who set each field of the merged requirement", () => {
    const slots = { approvals: [{ from: "group:reviewers", escalate: [{ after: "1h", to: "group:security" }] }] };
    const { fields } = explained(
      policy([review("a", undefined, slots), review("b", undefined, { ...slots, timeout: "2h" })]),
    );
    expect(fields).toContainEqual({ field: "slots.group:reviewers", value: 1, setBy: ["a", "b"] });
    expect(fields).toContainEqual({ field: "timeoutSeconds", value: 7200, setBy: ["b"] });
    expect(fields.find((one) => one.field.endsWith(".escalate"))?.value).toEqual([
      { afterSeconds: 3600, to: "group:security" },
    ]);
  });

  test("agrees with the evaluation it explains", () => {
    const text = policy([allow("a"), review("b"), { ...deny("c"), mode: "monitor" }]);
    const evaluation = compile(text).evaluate(facts, { actionType: TYPE, now: NOW, factsDigest: digestOf(facts) });
    const explanation = explained(text);
    expect(explanation).toMatchObject({ outcome: evaluation.outcome, reasons: evaluation.reasons });
    expect(explanation.matched.map((rule) => rule.id)).toEqual(evaluation.rules.map((rule) => rule.id));
  });

  test("is bounded, however large the facts and however many the rules", () => {
    const labels = Array.from({ length: LIMITS.factsListItems }, () => "x".repeat(5_000));
    const rules = Array.from({ length: LIMITS.explainedRules + 7 }, (_, index) =>
      deny(`r${index}`, "size(data.labels) > 1"),
    );
    const explanation = explained(policy(rules), withData({ labels }));
    expect(explanation.matched).toHaveLength(LIMITS.explainedRules);
    expect(explanation.leftOut).toBe(7);
    const [value] = explanation.matched[0]?.clauses[0]?.values ?? [];
    const shown = value?.value as string[];
    expect(shown).toHaveLength(LIMITS.explainedValues + 1);
    expect(Math.max(...shown.map((label) => label.length))).toBeLessThanOrEqual(LIMITS.explainedChars + 1);
  });

  test("as text, it names rules, values, fields and digests", () => {
    const text = renderExplanation(
      explained(policy([review("bulk", "data.rows > 10"), allow("small", "data.rows < 10")])),
    );
    for (const part of [
      "bulk -> review BULK_EXPORT",
      "data.rows = 12400",
      "no  data.rows < 10",
      "timeout: 4h   set by bulk",
    ]) {
      expect(text).toContain(part);
    }
    expect(text).toContain(`facts  ${digestOf(facts)}`);
  });
});
