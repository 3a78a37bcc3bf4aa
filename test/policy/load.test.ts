import { describe, expect, test } from "vitest";
import { LIMITS } from "../../core/limits.ts";
import { allow, deny, finding, findings, policy, review, TYPE, twoActions } from "./fixture.ts";

const head = "apiVersion: countersign/v1\nkind: Policy\nmetadata: {name: test}\n";

describe("the shape of a policy", () => {
  test("a correct policy has no findings", () => {
    expect(findings(policy([allow("a", "data.rows < 10"), review("b"), deny("c", "data.external")]))).toEqual([]);
  });

  test("an unknown field is an error at the field, and the known ones are named", () => {
    const { message, points } = finding(
      `${head}spec:\n  rules:\n    - {id: a, onn: [x], on: [${TYPE}], deny: {reason: POLICY_DENIED}}\n`,
    );
    expect(message).toContain('unknown field "onn"; known here: id, description, on, when, mode, allow, deny, review');
    expect(points).toMatch(/^onn:/);
  });

  test.each([
    ["step_up", "STEP_UP_UNAVAILABLE"],
    ["on_timeout", "silence never approves"],
    ["grant", "no policy may rely on it"],
  ])("%s is refused, never ignored", (field, said) => {
    const { message, points } = finding(policy([review("a", undefined, { [field]: "x" })]));
    expect(message).toContain(said);
    expect(points).toMatch(new RegExp(`^${field}:`));
  });

  test.each(["secret", "priority"])("%s on a rule is refused, never ignored", (field) => {
    expect(finding(policy([{ ...deny("a"), [field]: true }])).points).toMatch(new RegExp(`^${field}:`));
  });

  test("a layer is refused, because all files are one set", () => {
    expect(finding(`${head.replace("{name: test}", "{name: test, layer: team}")}spec: {}\n`).message).toContain(
      "layer",
    );
  });

  test.each(["15", "15 m", "1h30m", "0m", "-1h", "1.5h", "PT1H", "31d", "9999999999d"])(
    "%s is not a duration",
    (timeout) => {
      const { message, points } = finding(policy([review("a", undefined, { timeout })]));
      expect(message).toMatch(/"timeout": must be/);
      expect(points).toContain(timeout);
    },
  );

  test("a rule has exactly one of allow, deny and review", () => {
    const both = { ...deny("a"), allow: { reason: "LOW_RISK_READ" } };
    expect(finding(policy([both])).message).toContain("this one has allow and deny");
    expect(finding(policy([{ id: "a", on: [TYPE] }])).message).toContain("this one has none");
  });

  test("a review has to say who approves", () => {
    expect(finding(policy([review("a", undefined, { approvals: [] })])).message).toContain('"approvals"');
    const { approvals: _, ...without } = review("a").review as { approvals: unknown };
    expect(finding(policy([{ ...review("a"), review: without }])).message).toBe('"approvals" is missing');
  });

  test("slots, people in a slot, escalations and reminders have a limit each", () => {
    const slot = { from: "group:reviewers" };
    const step = { after: "1h", to: "group:security" };
    const tooMany = [
      { approvals: Array(LIMITS.slotsPerRequirement + 1).fill(slot) },
      { approvals: [{ ...slot, count: LIMITS.countPerSlot + 1 }] },
      { approvals: [{ ...slot, escalate: Array(LIMITS.escalationsPerSlot + 1).fill(step) }] },
      { remind: Array(LIMITS.remindersPerRequirement + 1).fill("1h") },
    ];
    for (const fields of tooMany) expect(findings(policy([review("a", undefined, fields)]))).toHaveLength(1);
  });

  test("an escalation or a reminder after the end is a mistake", () => {
    const escalate = [{ after: "4h", to: "group:security" }];
    const approvals = [{ from: "group:reviewers", escalate }];
    expect(finding(policy([review("a", undefined, { approvals })])).message).toContain(
      "after the request has expired (4h)",
    );
    expect(finding(policy([review("a", undefined, { remind: ["5h"] })])).message).toContain(
      "after the request has expired",
    );
    expect(findings(policy([review("a", undefined, { approvals, max_timeout: "5h" })]))).toEqual([]);
  });

  test("the deadline cannot be moved to before the timeout", () => {
    expect(finding(policy([review("a", undefined, { max_timeout: "3h" })])).message).toContain("must not be shorter");
  });

  test("broken YAML, a tag, an anchor bomb and an empty file are findings, not exceptions", () => {
    expect(findings(`${head}spec: {rules: [}`)[0]).toMatchObject({ line: 4, file: "policies/0.yaml" });
    expect(findings(`${head}spec: !!js/function x`)[0]?.message).toContain("tag");
    expect(finding("# nothing\n").message).toBe("There is no policy in this file.");
    const bomb = `a: &a [${"x,".repeat(100)}]\nb: &b [${"*a,".repeat(100)}]\nc: [${"*b,".repeat(100)}]\n`;
    expect(findings(bomb)[0]?.message).toContain("Excessive alias count");
  });

  test("a key that stands twice is an error", () => {
    expect(finding(`${head}spec: {}\nspec: {}\n`).place).toBe("5:1");
  });

  test("a file larger than the limit is not read", () => {
    expect(findings(`# ${"x".repeat(LIMITS.policyFileBytes)}`)[0]?.message).toContain("larger than");
  });

  test("one file may hold several documents, each with its own lines", () => {
    const text = `${policy([deny("a")], {}, "one")}---\n${policy([{ ...deny("b"), nope: 1 }], {}, "two")}`;
    expect(finding(text).points).toMatch(/^nope: 1/);
  });

  test("every mistake of every file is found at once", () => {
    const found = findings([policy([{ ...deny("a"), nope: 1 }]), policy([{ ...deny("b"), nope: 1 }], {}, "other")]);
    expect(found.map((one) => one.file)).toEqual(["policies/0.yaml", "policies/1.yaml"]);
  });
});

describe("the names a policy uses", () => {
  test("an unknown group is found wherever it stands", () => {
    const slot = { from: "group:reviewers", escalate: [{ after: "1h", to: "group:nobody" }] };
    const places: { [field: string]: unknown }[] = [
      { approvals: [{ from: "group:nobody" }] },
      { approvals: [slot] },
      { exclude: ["group:nobody"] },
    ];
    for (const fields of places) {
      const { message, points } = finding(policy([review("a", undefined, fields)]));
      expect(message).toContain('there is no group "group:nobody"');
      expect(points).toMatch(/^group:nobody/);
    }
    expect(finding(policy([], { floor: { review: { exclude: ["group:nobody"] } } })).message).toContain("group:nobody");
    expect(finding(policy([]).replace("name: test", "name: test\n  owner: group:nobody")).message).toContain(
      "group:nobody",
    );
  });

  test("an action type that does not exist is an error, also behind a glob", () => {
    expect(finding(policy([{ ...deny("a"), on: ["postgres.exprot"] }])).points).toMatch(/^postgres.exprot/);
    expect(finding(policy([{ ...deny("a"), on: ["*.grant_role"] }])).message).toContain(
      'no action type is "*.grant_role"',
    );
    for (const on of ["*", "*.export", "postgres.*"])
      expect(findings(policy([{ ...deny("a"), on: [on] }]))).toEqual([]);
  });

  test("a reason code has to be in the catalogue or the organisation's own", () => {
    const reason = (code: string) => policy([{ ...deny("a"), deny: { reason: code } }]);
    expect(finding(reason("NOPE")).message).toContain('"NOPE" is not a reason code');
    expect(findings(reason("ORG_TICKET_MISSING"))).toEqual([]);
  });

  test("a rule cannot give the engine's own codes, nor a reviewer's", () => {
    for (const code of ["POLICY_EVAL_ERROR", "POLICY_NO_POLICY", "REVIEW_UNSAFE", "EXEC_FAILED"]) {
      expect(findings(policy([{ ...deny("a"), deny: { reason: code } }]))).toHaveLength(1);
    }
  });

  test("a rule id is unique over all files, and is not floor or defaults", () => {
    const [found] = findings([policy([deny("a")]), policy([deny("a")], {}, "other")]);
    expect(found).toMatchObject({ file: "policies/1.yaml", pointer: "/spec/rules/0/id" });
    expect(found?.message).toContain("policies/0.yaml:7");
    expect(finding(policy([deny("floor")])).message).toContain("already taken by the floor");
  });

  test("a policy's name is unique, and defaults stand once in a set", () => {
    expect(findings([policy([]), policy([])])[0]?.message).toContain('the policy "test" is already in policies/0.yaml');
    const defaults = { defaults: { review: review("x").review } };
    expect(findings([policy([], defaults), policy([], defaults, "other")])[0]).toMatchObject({
      file: "policies/1.yaml",
      pointer: "/spec/defaults",
    });
  });

  test("a target or environment that no configuration has is an error at the literal", () => {
    const { message, points } = finding(policy([deny("a", 'target.name == "cmr"')]));
    expect(message).toContain('there is no target "cmr"; known: crm, crm-staging');
    expect(points).toMatch(/^"cmr"/);
    expect(finding(policy([deny("a", 'target.environment in ["production", "prod"]')])).points).toMatch(/^"prod"/);
    expect(finding(policy([deny("a", '"group:adnims" in subject.groups')])).message).toContain("group:adnims");
  });
});

describe("reviews nobody could answer", () => {
  test("an unknown channel is an error", () => {
    expect(finding(policy([review("a", undefined, { channels: ["fax"] })])).message).toContain(
      'must be "page" or "api" or "slack"',
    );
  });

  test("rules that can match together have to share a channel", () => {
    const rules = [review("a", undefined, { channels: ["page"] }), review("b", undefined, { channels: ["api"] })];
    const { message, points } = finding(policy(rules));
    expect(message).toContain("no channel is left");
    expect(points).toMatch(/^- api/);
  });

  test("rules on different actions need not share a channel", () => {
    const other = { ...review("b", undefined, { channels: ["api"] }), on: ["postgres.count"] };
    expect(findings(policy([review("a", undefined, { channels: ["page"] }), other]), twoActions)).toEqual([]);
  });

  test("the floor's channels count for every rule and for the defaults", () => {
    const floor = { floor: { review: { channels: ["page"] } } };
    expect(findings(policy([review("a", undefined, { channels: ["api"] })], floor))).toHaveLength(1);
    const defaults = { review: review("x", undefined, { channels: ["api"] }).review };
    expect(findings(policy([], { ...floor, defaults }))).toHaveLength(1);
  });

  test("a slot whose groups are all excluded is an error", () => {
    const { message } = finding(policy([review("a", undefined, { exclude: ["group:reviewers"] })]));
    expect(message).toContain("nobody can fill this slot");
  });
});
