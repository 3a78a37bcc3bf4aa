import { describe, expect, test } from "vitest";
import { LIMITS } from "../../core/limits.ts";
import { compile, deny, evaluate, finding, findings, policy, TYPE, twoActions, withData } from "./fixture.ts";

const rule = (when: string) => policy([deny("a", when)]);
const matches = (when: string, data = {}) => evaluate(compile(rule(when)), withData(data)).rules.length === 1;

/** A policy whose condition is written exactly like this. */
const written = (when: string) =>
  `apiVersion: countersign/v1
kind: Policy
metadata: {name: test}
spec:
  rules:
    - id: a
      on: [${TYPE}]
      when: ${when}
      deny: {reason: POLICY_DENIED}
`;

describe("a mistake in a condition is found where it stands", () => {
  test.each([
    ["plain", "data.rows > 3 && data.rwos > 4", "8:35"],
    ["plain over lines", "data.rows > 3 &&\n        data.rwos > 4", "9:14"],
    ["double quotes", '"data.format == \\"csv\\" && data.rwos > 4"', "8:45"],
    ["double quotes with \\u", '"data.format == \\u0022csv\\u0022 && data.rwos > 4"', "8:53"],
    ["double quotes over lines", '"data.rows > 3 && \\\n        data.rwos > 4"', "9:14"],
    ["single quotes", "'data.format == ''csv'' && data.rwos > 4'", "8:45"],
    ["literal block", "|\n        data.rows > 3 &&\n          data.rwos > 4", "10:16"],
    ["literal block with an empty line", "|-\n        data.rows > 3 &&\n\n        data.rwos > 4", "11:14"],
    ["folded block", ">-\n        data.rows > 3 &&\n        data.rwos > 4", "10:14"],
    [
      "folded block with deeper lines",
      ">\n        data.rows > 3 &&\n            data.rwos > 4\n        && true",
      "10:18",
    ],
  ])("%s", (_style, when, place) => {
    const found = finding(written(when));
    expect(found.message).toContain("there is no fact data.rwos; data has rows, tables");
    expect(found.place).toBe(place);
    expect(found.points).toMatch(/^rwos/);
  });

  test("also with carriage returns", () => {
    const text = written("|\n        data.rows > 3 &&\n        data.rwos > 4").replaceAll("\n", "\r\n");
    expect(finding(text).points).toMatch(/^rwos/);
  });

  test.each([
    ["data.rwos > 1", "rwos"],
    ["has(data.rwos)", "rwos"],
    ["data.?rwos.orValue(1) > 2", "rwos"],
    ['data["rwos"] > 1', "data["],
    ["dta.rows > 1", "dta"],
    ["subject.gruops.size() > 1", "gruops"],
    ["args.maxRow > 1", "maxRow"],
    ['data.labels.exists(l, l.startWith("pii."))', "l.startWith"],
    ['data.rows > "x"', "data.rows >"],
    ["data.rows > 3 &", "& "],
    ["data.rows >", ""],
    ["data.labels.exists(l, l == subject.idd)", "idd"],
  ])("%s", (when, at) => {
    const text = written(`'${when} '`);
    expect(finding(text).points.startsWith(at)).toBe(true);
  });

  test("several mistakes of one condition are all found", () => {
    expect(findings(rule("data.rwos > 1 || sql.txet == subject.idd")).map((one) => one.message.slice(0, 27))).toEqual([
      "there is no fact data.rwos;",
      "there is no fact sql.txet; ",
      "there is no fact subject.id",
    ]);
  });

  test("a condition has to be true or false", () => {
    expect(finding(rule("data.rows")).message).toContain("this one is of type int");
    expect(finding(rule("args.maxRows")).message).toContain("this one is of type dyn");
  });

  test("a condition that can never be true is an error", () => {
    expect(finding(rule("1 > 2")).message).toBe("this can never be true");
    expect(findings(rule("true"))).toEqual([]);
  });

  test("a rule on several actions is checked against each, and the finding names which", () => {
    const text = policy([{ ...deny("a", "data.rows > 1 && sql.read_only"), on: ["*"] }]);
    expect(finding(text, twoActions).message).toBe("on postgres.count: Unknown variable: sql");
    const shared = policy([{ ...deny("a", "data.rwos > 1"), on: ["postgres.*"] }]);
    expect(findings(shared, twoActions).map((one) => one.message.startsWith("on "))).toEqual([true, true]);
    expect(finding(policy([{ ...deny("a", "now >"), on: ["*"] }]), twoActions).message).toBe("Unexpected token: EOF");
  });

  test("an argument that another action lacks can be asked for with care", () => {
    expect(findings(rule('args.?role.orValue("").contains("admin")'))).toEqual([]);
    expect(findings(rule('has(args.role) && args.?role.orValue("") == "admin"'))).toEqual([]);
  });
});

describe("what a condition cannot do", () => {
  test("matches is refused in every form", () => {
    expect(finding(rule('sql.text.matches("a+")')).message).toContain("use re2(text");
    expect(findings(rule('data.labels.exists(l, l.matches("a"))'))).toHaveLength(1);
    expect(findings(rule('matches(sql.text, "a")'))).toHaveLength(1);
  });

  test("re2 takes only a literal pattern in RE2 syntax", () => {
    expect(finding(rule("re2(sql.text, sql.text)")).message).toContain("written in the condition itself");
    expect(finding(rule('re2(sql.text, "(")')).message).toContain("not RE2 syntax");
    expect(finding(rule('re2(sql.text, "(?=x)y")')).message).toContain("not RE2 syntax");
    expect(findings(rule(`re2(sql.text, "${"a".repeat(LIMITS.policyPatternChars + 1)}")`))).toHaveLength(1);
  });

  test("a pattern that keeps a backtracking engine busy for ever answers", () => {
    const policies = compile(rule('re2(sql.text, "^(a+)+$")'));
    const text = `${"a".repeat(50_000)}!`;
    const given = { ...withData({}), sql: { read_only: true, statements: 1, functions: [], text } };
    expect(evaluate(policies, given)).toMatchObject({ outcome: "deny", rules: [] });
    const all = { ...given, sql: { ...given.sql, text: "a".repeat(50_000) } };
    expect(evaluate(policies, all).rules).toMatchObject([{ id: "a", error: null }]);
  });

  test.each([
    ["too many nodes", Array(LIMITS.policyAstNodes).fill("true").join(" && ")],
    ["nested too deeply", `${"(".repeat(200)}true${")".repeat(200)}`],
    ["a tower of negations", `${"!".repeat(3_900)}true`],
    ["a long list", `data.rows in [${Array(400).fill("1").join(",")}, ${Array(400).fill("1").join(",")}]`],
    ["brackets without end", "[".repeat(3_900)],
    ["conditionals without end", `${"true ? true : ".repeat(250)}true`],
    ["too many characters", `true ${" ".repeat(LIMITS.policyConditionChars)} && true`],
  ])("%s is refused", (_name, when) => {
    expect(findings(rule(when))).toHaveLength(1);
  });

  test("loops inside or behind one another are refused beyond two", () => {
    const inside = "data.labels.exists(a, data.labels.exists(b, data.labels.exists(c, a == c)))";
    const behind = "data.labels.map(a, a).map(a, a + a).exists(a, a == 'x')";
    for (const when of [inside, behind]) expect(finding(rule(when)).message).toContain("more than 2 loops");
    expect(findings(rule("data.labels.exists(a, data.columns.exists(b, a == b))"))).toEqual([]);
  });

  test("cel.bind is refused", () => {
    expect(findings(rule("cel.bind(x, data.rows, x > 1)"))).not.toEqual([]);
  });
});

describe("what a condition reads", () => {
  test("numbers, lists, texts, times and patterns mean what they say", () => {
    expect(matches("data.rows == 12400 && data.maxRows >= 20000")).toBe(true);
    expect(matches('"pii.email" in data.labels && size(data.columns) == 2')).toBe(true);
    expect(matches("args.maxRows > 4.5 && args.format in ['csv']")).toBe(true);
    expect(matches('now == timestamp("2026-01-05T12:00:00Z") && now.getDayOfWeek() == 1')).toBe(true);
    expect(matches('re2(sql.text, "(?i)FROM\\\\s+customers")')).toBe(true);
    expect(matches('subject.on_behalf_of == "" && subject.owner == "person:dana"')).toBe(true);
    expect(matches("data.rows > 12400")).toBe(false);
  });

  test("nobody is written as an empty text, also where the facts say null", () => {
    const given = {
      ...withData({}),
      subject: { id: "person:x", kind: "person", groups: [], owner: null, on_behalf_of: null },
    };
    expect(evaluate(compile(rule('subject.owner == "" && subject.on_behalf_of == ""')), given).outcome).toBe("deny");
    expect(
      evaluate(compile(rule('subject.owner == "" && subject.on_behalf_of == ""')), given).rules[0]?.error,
    ).toBeNull();
  });

  test("an argument's name never reaches into the machinery", () => {
    for (const name of ["constructor", "__proto__", "toString", "hasOwnProperty"]) {
      expect(matches(`has(args.${name}) || args.?${name}.hasValue()`)).toBe(false);
      const args = JSON.parse(`{"${name}": "x"}`);
      const given = { ...withData({}), args };
      expect(evaluate(compile(rule(`args.?${name}.orValue("") == "x"`)), given).rules).toMatchObject([{ error: null }]);
    }
  });
});
