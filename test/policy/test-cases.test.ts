import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { digestOf } from "../../crypto/digest.ts";
import { loadCases, runCases } from "../../policy/test-cases.ts";
import { reportOf } from "../../policy/test-report.ts";
import { allow, compile, deny, facts, policy, review } from "./fixture.ts";

type Case = { name: string; facts: object; expect: object; now?: string };

const many = { name: "many rows wait", facts: {}, expect: { outcome: "review" } };
const outside = { name: "nothing leaves", facts: { data: { external: true } }, expect: { outcome: "deny" } };
const few = { name: "few are allowed", facts: { data: { rows: 5 } }, expect: { outcome: "allow" } };
const policies = compile(
  policy([allow("small", "data.rows < 10"), review("many", "data.rows >= 10"), deny("outside", "data.external")]),
);

function run(cases: Case[]) {
  const loaded = loadCases([{ file: "tests/a.yaml", text: stringify({ given: facts, cases }) }]);
  expect(loaded.findings).toEqual([]);
  return runCases(policies, loaded.cases, digestOf);
}

const differences = (expected: object, given: object = {}) =>
  run([{ name: "x", facts: given, expect: expected }]).results[0]?.differences;

describe("a run of cases", () => {
  test("passes when every case comes out as expected and every deny rule is reached", () => {
    expect(run([many, outside, few])).toMatchObject({ ok: true, unreached: [] });
  });

  test("fails when no case reaches a deny rule", () => {
    const result = run([many, few]);
    expect(result.ok).toBe(false);
    expect(result.unreached.map((rule) => rule.id)).toEqual(["outside"]);
  });

  test("names an allow or review rule that no case reaches, without failing", () => {
    const result = run([many, outside]);
    expect(result.ok).toBe(true);
    expect(result.unreached.map((rule) => rule.id)).toEqual(["small"]);
  });

  test("compares outcome, rules, reasons, approvals and timeout", () => {
    expect(differences({ outcome: "deny" })).toEqual(["outcome: expected deny, got review"]);
    expect(differences({ outcome: "review", rules: ["small"] })).toEqual(["rules: expected small, got many"]);
    expect(differences({ outcome: "review", reasons: [] })).toEqual(["reasons: expected none, got BULK_EXPORT"]);
    expect(differences({ outcome: "review", approvals: [{ from: "group:security" }] })).toEqual([
      "approvals: expected 1 of group:security, got 1 of group:reviewers",
    ]);
    expect(differences({ outcome: "review", timeout: "5h" })).toEqual(["timeout: expected 5h, got 4h"]);
  });

  test("a misspelt fact fails the case, for it would prove nothing", () => {
    expect(differences({ outcome: "review" }, { data: { rwos: 3 } })).toEqual(["the fact data.rwos does not exist"]);
  });

  test("a condition that could not be evaluated fails the case and does not count as reached", () => {
    const result = run([{ name: "x", facts: { data: { rows: null } }, expect: { outcome: "review" } }, outside]);
    expect(result.results[0]?.differences).toEqual(["the condition of many could not be evaluated: No such key: rows"]);
  });

  test("time stands still, at the instant the case names", () => {
    const night = compile(policy([deny("night", "now.getHours() >= 22")]));
    const cases = [
      { name: "night", now: "2026-01-05T23:00:00Z", facts: {}, expect: { outcome: "deny", rules: ["night"] } },
      { name: "day", facts: {}, expect: { outcome: "deny", rules: [] } },
    ];
    const loaded = loadCases([{ file: "a.yaml", text: stringify({ given: facts, cases }) }]);
    expect(runCases(night, loaded.cases, digestOf).ok).toBe(true);
  });
});

test("a mistake in a case file is found at its line", () => {
  const text = "cases:\n  - name: x\n    facts: {}\n    expect: {outcome: maybe, rulse: []}\n";
  const { findings } = loadCases([{ file: "a.yaml", text }]);
  expect(findings.map((one) => `${one.line}:${one.column} ${one.message.slice(0, 30)}`).sort()).toEqual([
    '4:23 "outcome": must be "allow" or ',
    '4:30 unknown field "rulse"; known h',
  ]);
});

test("a broken case file is a finding, not an exception", () => {
  const bomb = `a: &a [${"x,".repeat(100)}]\nb: &b [${"*a,".repeat(100)}]\nc: [${"*b,".repeat(100)}]\n`;
  for (const text of ["cases: [", "", bomb]) expect(loadCases([{ file: "a.yaml", text }]).findings).not.toEqual([]);
});

describe("reports", () => {
  const failing = { ...many, name: 'a <b> & "c" # d', expect: { outcome: "allow" } };
  const result = run([failing, few]);

  test("for people: what failed and where, and rules that nothing reaches", () => {
    const text = reportOf(result, "human").join("\n");
    expect(text).toMatch(/FAIL a <b> & "c" # d {3}tests\/a\.yaml:\d+/);
    expect(text).toContain("FAIL no case reaches the deny rule outside (test)");
    expect(text).toContain("1 passed, 1 failed");
  });

  test("TAP: the plan counts every line, and an unreached deny rule is not ok", () => {
    const lines = reportOf(result, "tap");
    const tests = lines.filter((line) => /^(not )?ok /.test(line));
    expect(lines.slice(0, 2)).toEqual(["TAP version 14", `1..${tests.length}`]);
    expect(tests).toEqual([
      'not ok 1 - a <b> & "c" \\# d',
      "ok 2 - few are allowed",
      "not ok 3 - a case reaches the deny rule outside",
    ]);
  });

  test("JUnit: names are escaped, and failures are counted", () => {
    const xml = reportOf(result, "junit").join("\n");
    expect(xml).toContain('name="a &lt;b&gt; &amp; &quot;c&quot; # d"');
    expect(xml).toContain('<testsuites tests="3" failures="2">');
    expect(xml.match(/<failure /g)).toHaveLength(2);
  });
});
