import type { Evaluation, EvaluationOutcome, MatchedRule, Reason } from "../core/evaluation.ts";
import { LIMITS } from "../core/limits.ts";
import type { Digest, Json, JsonObject } from "../core/request.ts";
import type { CompiledPolicies, CompiledRule, EvaluateOptions } from "./compile.ts";
import type { TracedClause } from "./condition-trace.ts";
import { evaluate } from "./evaluate.ts";

/** Why an evaluation came out as it did: a tree that every surface draws in its own way. */
export type Explanation = {
  actionType: string;
  outcome: EvaluationOutcome;
  reasons: Reason[];
  matched: ExplainedRule[];
  skipped: SkippedRule[];
  /** The fields of the merged requirement, and who set each. */
  fields: { field: string; value: Json; setBy: string[] }[];
  /** Rules left out because there were too many of them. */
  leftOut: number;
  policyDigest: Digest;
  engine: string;
  factsDigest: Digest;
};

type RuleOrigin = Omit<MatchedRule, "error"> & { file: string; line: number };

export type ExplainedRule = RuleOrigin & {
  /** As written; null: the rule always matches. */
  when: string | null;
  error: string | null;
  clauses: TracedClause[];
};

export type SkippedRule = RuleOrigin & {
  /** The first clause that was not true, with the values that made it so. */
  failed: TracedClause | null;
};

/** Evaluates again, this time keeping what each condition read. The same facts give the same answer. */
export function explain(policies: CompiledPolicies, facts: JsonObject, options: EvaluateOptions): Explanation {
  const { evaluation, unmatched, values } = evaluate(policies, facts, options);
  const rules = policies.forAction(options.actionType)?.rules ?? [];
  const trace = (rule: CompiledRule): TracedClause[] => (values && rule.condition ? rule.condition.trace(values) : []);

  const matched = evaluation.rules.slice(0, LIMITS.explainedRules).flatMap((match): ExplainedRule[] => {
    const rule = rules.find((one) => one.id === match.id);
    return rule ? [{ ...originOf(rule), when: rule.when, error: match.error, clauses: trace(rule) }] : [];
  });
  const skipped = unmatched.slice(0, LIMITS.explainedRules).map((rule): SkippedRule => {
    const failed = trace(rule).find((clause) => clause.result !== "true") ?? null;
    return { ...originOf(rule), failed };
  });
  return {
    actionType: options.actionType,
    outcome: evaluation.outcome,
    reasons: evaluation.reasons,
    matched,
    skipped,
    fields: fieldsOf(evaluation),
    leftOut: evaluation.rules.length + unmatched.length - matched.length - skipped.length,
    policyDigest: evaluation.policyDigest,
    engine: evaluation.engine,
    factsDigest: evaluation.factsDigest,
  };
}

function originOf({ id, policy, effect, mode, reason, file, line }: CompiledRule): RuleOrigin {
  return { id, policy, effect, mode, reason, file, line };
}

function fieldsOf(evaluation: Evaluation): Explanation["fields"] {
  return Object.entries(evaluation.provenance).map(([field, setBy]) => ({
    field,
    value: shownValueOf(evaluation, field),
    setBy,
  }));
}

/** `slots.<group>` is how many of that group, `slots.<group>.escalate` who else may come in. */
function shownValueOf(evaluation: Evaluation, field: string): Json {
  const { requirement } = evaluation;
  if (!requirement) return field === "validForSeconds" ? evaluation.validForSeconds : null;
  const slot = requirement.slots.find(({ from }) => field === `slots.${from}` || field === `slots.${from}.escalate`);
  if (slot) return field.endsWith(".escalate") ? slot.escalate : slot.count;
  return (requirement as unknown as JsonObject)[field] ?? null;
}
