import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import { LIMITS } from "../../core/limits.ts";
import { digestOf } from "../../crypto/digest.ts";
import { compilePolicies } from "../../policy/compile.ts";
import {
  allow,
  codes,
  compile,
  deny,
  evaluate,
  facts,
  NOW,
  policy,
  review,
  TYPE,
  vocabulary,
  withData,
} from "./fixture.ts";

const defaults = {
  defaults: { review: { reason: "POLICY_UNMATCHED", approvals: [{ from: "group:reviewers" }], timeout: "8h" } },
};

/** Facts as they are when `describe` could not tell the number of rows. */
const withoutRows = () => {
  const { rows: _, ...data } = facts.data;
  return { ...facts, data };
};

describe("what the rules add up to", () => {
  test("an allow rule and nothing against it allows", () => {
    const evaluation = evaluate(compile(policy([allow("a"), review("b", "data.rows < 10")])));
    expect(evaluation).toMatchObject({ outcome: "allow", requirement: null, validForSeconds: 900 });
    expect(evaluation.rules.map((rule) => rule.id)).toEqual(["a"]);
  });

  test("a review wins over an allow, a deny over both", () => {
    expect(evaluate(compile(policy([allow("a"), review("b")]))).outcome).toBe("review");
    expect(evaluate(compile(policy([allow("a"), review("b"), deny("c")]))).outcome).toBe("deny");
  });

  test("nothing matched: the defaults ask people", () => {
    const evaluation = evaluate(compile(policy([allow("a", "data.rows < 10")], defaults)));
    expect(evaluation).toMatchObject({ outcome: "review", rules: [], requirement: { timeoutSeconds: 8 * 3600 } });
    expect(codes(evaluation)).toEqual(["POLICY_UNMATCHED"]);
  });

  test("nothing matched and no defaults: nothing is allowed", () => {
    expect(codes(evaluate(compile(policy([allow("a", "data.rows < 10")]))))).toEqual(["POLICY_NO_POLICY"]);
  });

  test("without any policy nothing is allowed", () => {
    expect(evaluate(compile())).toMatchObject({ outcome: "deny", reasons: [{ code: "POLICY_NO_POLICY" }] });
  });

  test("an action type that nobody knows is denied, whatever the defaults say", () => {
    const options = { actionType: "postgres.drop", now: NOW, factsDigest: digestOf(facts) };
    const evaluation = compile(policy([allow("a")], defaults)).evaluate(facts, options);
    expect(evaluation).toMatchObject({ outcome: "deny", reasons: [{ code: "POLICY_NO_POLICY" }] });
  });

  test("a rule on another action says nothing", () => {
    const other = { ...deny("a"), on: ["postgres.count"] };
    const words = {
      ...vocabulary,
      actions: [
        ...vocabulary.actions,
        { ...(vocabulary.actions[0] as never as object), type: "postgres.count" } as never,
      ],
    };
    const compiled = compilePolicies([{ file: "a.yaml", text: policy([other, allow("b")]) }], words, digestOf);
    expect(evaluate(compiled).outcome).toBe("allow");
  });

  test("reviews of several files merge, and every field remembers who set it", () => {
    const one = policy([review("a", undefined, { timeout: "2h", justification: "required", remind: ["30m"] })]);
    const slots = [{ from: "group:data-protection", count: 2 }];
    const two = policy([review("b", undefined, { approvals: slots, timeout: "6h", channels: ["page"] })], {}, "other");
    const { requirement, provenance } = evaluate(compile(one, two));
    expect(requirement).toMatchObject({
      slots: [
        { from: "group:data-protection", count: 2 },
        { from: "group:reviewers", count: 1 },
      ],
      timeoutSeconds: 7200,
      justification: "required",
      channels: ["page"],
    });
    expect(provenance).toMatchObject({
      timeoutSeconds: ["a"],
      justification: ["a"],
      "slots.group:data-protection": ["b"],
      "slots.group:reviewers": ["a"],
    });
  });

  test("the floor is part of every review and of the defaults, and adds its own slots", () => {
    const floor = {
      floor: {
        review: { valid_for: "5m", approvals: [{ from: "group:security" }], exclude: ["group:privacy-oncall"] },
      },
    };
    for (const policies of [policy([review("a")], floor), policy([], { ...floor, ...defaults })]) {
      const { requirement } = evaluate(compile(policies));
      expect(requirement).toMatchObject({ validForSeconds: 300, excludeGroups: ["group:privacy-oncall"] });
      expect(requirement?.slots.map((slot) => slot.from)).toContain("group:security");
    }
  });

  test("an allowed action has to start within the shortest time that a rule or the floor says", () => {
    const rule = { ...allow("a"), allow: { reason: "LOW_RISK_READ", valid_for: "10m" } };
    expect(evaluate(compile(policy([rule]))).validForSeconds).toBe(600);
    expect(evaluate(compile(policy([rule], { floor: { review: { valid_for: "5m" } } }))).validForSeconds).toBe(300);
  });

  test("a rule in monitor mode is recorded and changes nothing", () => {
    const evaluation = evaluate(compile(policy([allow("a"), { ...deny("b"), mode: "monitor" }])));
    expect(evaluation.outcome).toBe("allow");
    expect(evaluation.rules).toMatchObject([
      { id: "a", mode: "enforce" },
      { id: "b", mode: "monitor", effect: "deny" },
    ]);
    expect(codes(evaluation)).toEqual(["LOW_RISK_READ"]);
  });

  test("an allow in monitor mode allows nothing", () => {
    expect(evaluate(compile(policy([{ ...allow("a"), mode: "monitor" }]))).outcome).toBe("deny");
  });
});

describe("conditions that cannot be judged", () => {
  test("a deny that fails counts, and says so", () => {
    const evaluation = evaluate(compile(policy([allow("a"), deny("b", "data.rows > 10")])), withoutRows());
    expect(evaluation.outcome).toBe("deny");
    expect(codes(evaluation)).toEqual(["POLICY_DENIED", "POLICY_EVAL_ERROR"]);
    expect(evaluation.rules).toMatchObject([{ id: "a" }, { id: "b", error: "No such key: rows" }]);
  });

  test("a review that fails counts", () => {
    expect(evaluate(compile(policy([allow("a"), review("b", "data.rows > 10")])), withoutRows()).outcome).toBe(
      "review",
    );
  });

  test("an allow that fails does not match", () => {
    const evaluation = evaluate(compile(policy([allow("a", "data.rows < 10")], defaults)), withoutRows());
    expect(evaluation).toMatchObject({ outcome: "review", rules: [] });
  });

  test.each([null, "12", 1.5, [], {}, true])("a fact of another type (%j) is never read as something else", (rows) => {
    const policies = compile(policy([allow("a"), deny("b", "data.rows > 1000000")]));
    expect(evaluate(policies, withData({ rows })).rules.at(-1)?.error).not.toBeNull();
  });

  test("what another clause already decides needs no fact", () => {
    const policies = compile(policy([allow("a"), deny("b", "data.external && data.rows > 10")]));
    expect(evaluate(policies, withoutRows()).outcome).toBe("allow");
  });

  test("facts too large to be judged are denied", () => {
    const labels = Array(LIMITS.factsListItems + 1).fill("x");
    const evaluation = evaluate(compile(policy([allow("a")])), withData({ labels }));
    expect(evaluation).toMatchObject({ outcome: "deny", reasons: [{ code: "POLICY_EVAL_ERROR" }] });
  });
});

describe("what an evaluation is pinned to", () => {
  test("policy, engine and facts", () => {
    const policies = compile(policy([allow("a")]));
    expect(evaluate(policies)).toMatchObject({
      policyDigest: policies.policyDigest,
      factsDigest: digestOf(facts),
      engine: policies.engine,
    });
  });

  test("the engine's name is that of the installed library", () => {
    const entry = createRequire(import.meta.url).resolve("@marcbachmann/cel-js");
    const found = JSON.parse(readFileSync(entry.replace(/lib\/.*$/, "package.json"), "utf8")) as {
      name: string;
      version: string;
    };
    expect(compile(policy([])).engine).toBe(`${found.name} ${found.version}`);
  });

  test("the same facts give the same answer at the same instant, however often asked", () => {
    const policies = compile(policy([review("a", "now.getHours() < 13"), deny("b", "now.getHours() >= 13")]));
    const first = evaluate(policies);
    expect(evaluate(policies)).toEqual(first);
    expect(first.outcome).toBe("review");
    expect(
      policies.evaluate(facts, { actionType: TYPE, now: NOW + 3_600_000, factsDigest: digestOf(facts) }).outcome,
    ).toBe("deny");
  });
});
