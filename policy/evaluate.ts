import type { Evaluation, MatchedRule, Reason } from "../core/evaluation.ts";
import { type Contribution, merge } from "../core/merge.ts";
import type { JsonObject } from "../core/request.ts";
import type { CompiledPolicies, CompiledRule, EvaluateOptions } from "./compile.ts";
import { type FactValues, factsTooLarge, factValues } from "./facts.ts";

export type Judged = {
  evaluation: Evaluation;
  /** Rules on this action type that did not match. */
  unmatched: CompiledRule[];
  /** null when the facts could not be judged at all. */
  values: FactValues | null;
};

/** Every rule on the action type is evaluated; what matched is merged by core. */
export function evaluate(policies: CompiledPolicies, facts: JsonObject, options: EvaluateOptions): Judged {
  const action = policies.forAction(options.actionType);
  const tooLarge = factsTooLarge(facts);
  if (!action) return refused(policies, options, { code: "POLICY_NO_POLICY", rule: null, note: null });
  if (tooLarge) return refused(policies, options, { code: "POLICY_EVAL_ERROR", rule: null, note: tooLarge });

  const values = factValues(facts, action.types, options.now);
  const matched: { rule: CompiledRule; error: string | null }[] = [];
  const unmatched: CompiledRule[] = [];
  for (const rule of action.rules) {
    const result = rule.condition ? rule.condition.evaluate(values) : { value: true };
    // A rule against the action that cannot be judged counts; one in its favour does not.
    if ("error" in result && rule.effect !== "allow") matched.push({ rule, error: result.error });
    else if ("value" in result && result.value) matched.push({ rule, error: null });
    else unmatched.push(rule);
  }

  const merged = merge({
    contributions: matched.filter(({ rule }) => rule.mode === "enforce").map(contributionOf),
    floors: policies.floors,
    defaults: policies.defaults,
  });
  const rules = matched.map(({ rule, error }) => matchedRuleOf(rule, error));
  return { evaluation: { ...merged, rules, ...sourceOf(policies, options) }, unmatched, values };
}

function contributionOf({ rule, error }: { rule: CompiledRule; error: string | null }): Contribution {
  return { rule: rule.id, outcome: rule.effect, reason: rule.reason, error, requirement: rule.requirement };
}

function matchedRuleOf({ id, policy, effect, mode, reason }: CompiledRule, error: string | null): MatchedRule {
  return { id, policy, effect, mode, reason, error };
}

function refused(policies: CompiledPolicies, options: EvaluateOptions, reason: Reason): Judged {
  const evaluation: Evaluation = {
    outcome: "deny",
    reasons: [reason],
    rules: [],
    requirement: null,
    validForSeconds: 0,
    provenance: {},
    ...sourceOf(policies, options),
  };
  return { evaluation, unmatched: [], values: null };
}

function sourceOf(policies: CompiledPolicies, options: EvaluateOptions) {
  return { policyDigest: policies.policyDigest, engine: policies.engine, factsDigest: options.factsDigest };
}
