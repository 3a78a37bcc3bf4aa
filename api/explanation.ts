import { CATALOGUE } from "../actions/catalogue.ts";
import type { Configuration } from "../config/configuration.ts";
import type { Evaluation } from "../core/evaluation.ts";
import { digestOf } from "../crypto/digest.ts";
import type { RequestRecord } from "../db/types.ts";
import { type CompiledPolicies, compilePolicies } from "../policy/compile.ts";
import { type Explanation, explain } from "../policy/explain.ts";
import { renderExplanation } from "../policy/explain-text.ts";
import { vocabularyOf } from "../policy/vocabulary.ts";
import type { Identity } from "./auth/identity.ts";
import type { ExplanationView } from "./contract/explanation.ts";
import { reasonView, time } from "./request-view.ts";

/**
 * What was recorded, and beside it the conditions one by one while the policies of that time are in
 * force. An agent learns which rules spoke, not how to word its way around them.
 */
export function explanationView(
  record: RequestRecord,
  identity: Identity,
  configuration: Configuration,
): ExplanationView | null {
  const { evaluation, state, facts } = record;
  if (evaluation === null) return null;
  const at = state?.openedAt ?? record.createdAt;
  const tree = identity.kind === "person" ? traced(record, evaluation, configuration, at) : null;
  return {
    requestId: record.id,
    outcome: evaluation.outcome,
    reasons: evaluation.reasons.map((reason) => reasonView(reason, configuration)),
    rules: evaluation.rules,
    provenance: evaluation.provenance,
    policyDigest: evaluation.policyDigest,
    engine: evaluation.engine,
    factsDigest: evaluation.factsDigest,
    configurationVersion: record.configurationVersion,
    evaluatedAt: time(at),
    facts: identity.kind === "person" ? facts : null,
    tree,
    text: tree === null ? recordedText(evaluation) : renderExplanation(tree),
  };
}

function traced(
  record: RequestRecord,
  evaluation: Evaluation,
  configuration: Configuration,
  now: number,
): Explanation | null {
  if (record.facts === null) return null;
  const policies = compiled(configuration);
  if (policies?.policyDigest !== evaluation.policyDigest) return null;
  const { factsDigest } = evaluation;
  return explain(policies, record.facts, { actionType: record.submission.action.type, now, factsDigest });
}

/** Compiling takes longer than explaining, and a configuration object stands for one version. */
const compiledOf = new WeakMap<Configuration, CompiledPolicies>();

function compiled(configuration: Configuration): CompiledPolicies | null {
  const known = compiledOf.get(configuration);
  if (known !== undefined) return known;
  try {
    const policies = compilePolicies(configuration.policies, vocabularyOf(configuration, CATALOGUE), digestOf);
    compiledOf.set(configuration, policies);
    return policies;
  } catch {
    // Policies that this version of the engine cannot read explain nothing; the record still does.
    return null;
  }
}

function recordedText(evaluation: Evaluation): string {
  const reasons = evaluation.reasons.map(({ code, rule, note }) => {
    return `  ${code}${rule === null ? "" : ` (${rule})`}${note === null ? "" : `: ${note}`}`;
  });
  const rules = evaluation.rules.map(({ id, effect, mode }) => {
    return `  ${id} -> ${effect}${mode === "monitor" ? ", monitor only" : ""}`;
  });
  return [evaluation.outcome, ...reasons, "", "Matched rules", ...(rules.length > 0 ? rules : ["  none"]), ""].join(
    "\n",
  );
}
