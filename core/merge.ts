import type { EvaluationOutcome, Provenance, Reason } from "./evaluation.ts";
import { LIMITS } from "./limits.ts";
import {
  contributed,
  type Fields,
  mergeFields,
  provenanceOf,
  type RequirementFields,
  requirementOf,
} from "./merge-fields.ts";
import { CHANNELS } from "./message.ts";
import type { Requirement } from "./requirement.ts";

export type { RequirementFields } from "./merge-fields.ts";

/** What one enforced rule that applied says; a rule in monitor mode is never handed in. */
export type Contribution = {
  rule: string;
  outcome: EvaluationOutcome;
  /** The rule's own reason code. */
  reason: string;
  /** Why the condition could not be evaluated, when it could not. */
  error?: string | null | undefined;
  /** With `review`; of an allow only `validForSeconds` is read. */
  requirement?: RequirementFields | null | undefined;
};

export type MergeInput = {
  contributions: Contribution[];
  /** Merged into every review, whatever matched; several floors count together. */
  floors: RequirementFields[];
  /** What holds when nothing matched, and for the fields a review rule leaves open. null: nothing is allowed. */
  defaults: { reason: string; requirement: RequirementFields } | null;
};

export type Merged = {
  outcome: EvaluationOutcome;
  reasons: Reason[];
  requirement: Requirement | null;
  validForSeconds: number;
  provenance: Provenance;
};

/** What a requirement is where neither the rule nor `defaults` says. Slots have no such value on purpose. */
const BUILT_IN: RequirementFields = {
  timeoutSeconds: LIMITS.defaultTimeoutSeconds,
  validForSeconds: LIMITS.defaultValidForSeconds,
  holdSeconds: LIMITS.defaultHoldSeconds,
  channels: [...CHANNELS],
  remindSeconds: [],
  excludeGroups: [],
  justification: "optional",
};

/** policy.md, "How evaluations combine". The order of the contributions never matters. */
export function merge(input: MergeInput): Merged {
  const holding = input.contributions.filter((one) => one.outcome !== "allow" || !one.error);
  const denials = holding.filter((one) => one.outcome === "deny");
  if (denials.length > 0) return denied(reasonsOf(denials));
  const reviews = holding.filter((one) => one.outcome === "review");
  if (reviews.length > 0) return reviewed(input, reviews, reasonsOf(reviews));
  const allows = holding.filter((one) => one.outcome === "allow");
  if (allows.length > 0) return allowed(input, allows);
  if (!input.defaults) return denied([{ code: "POLICY_NO_POLICY", rule: null, note: null }]);
  return reviewed(input, [], unmatchedReasons(input.defaults.reason));
}

function denied(reasons: Reason[]): Merged {
  return { outcome: "deny", reasons, requirement: null, validForSeconds: 0, provenance: {} };
}

/**
 * Each rule is completed before the rules are merged. Completing afterwards would let a second
 * rule with a long timeout push aside the default that held for the first one alone.
 */
function reviewed(input: MergeInput, reviews: Contribution[], reasons: Reason[]): Merged {
  const open = input.defaults?.requirement ?? {};
  const rules =
    reviews.length > 0
      ? reviews.map((one) => contributed(one.rule, one.requirement ?? {}, [open, BUILT_IN]))
      : [contributed("defaults", open, [BUILT_IN])];
  const floors = floorsOf(input);
  const merged = [...rules, ...floors].reduce(mergeFields);
  const requirement = requirementOf(merged);
  // Judged rule by rule: the slots of another rule do not say who the silent one wanted to ask.
  const silent = floors.every((floor) => floor.slots.length === 0) && rules.some((rule) => rule.slots.length === 0);
  if (silent || requirement.channels.length === 0) {
    return denied([...reasons, { code: "POLICY_UNANSWERABLE", rule: null, note: null }]);
  }
  const { validForSeconds } = requirement;
  return { outcome: "review", reasons, requirement, validForSeconds, provenance: provenanceOf(merged) };
}

function allowed(input: MergeInput, allows: Contribution[]): Merged {
  const built = { validForSeconds: LIMITS.defaultValidForSeconds };
  const rules = allows.map((one) => contributed(one.rule, validForOf(one.requirement), [built]));
  const floors = input.floors.map((floor) => contributed("floor", validForOf(floor), []));
  const merged = [...rules, ...floors].reduce(mergeFields);
  return {
    outcome: "allow",
    reasons: reasonsOf(allows),
    requirement: null,
    validForSeconds: merged.validForSeconds?.value ?? LIMITS.defaultValidForSeconds,
    provenance: provenanceOf(merged),
  };
}

function validForOf(fields: RequirementFields | null | undefined): RequirementFields {
  return { validForSeconds: fields?.validForSeconds };
}

function floorsOf(input: MergeInput): Fields[] {
  return input.floors.map((floor) => contributed("floor", floor, []));
}

function unmatchedReasons(reason: string): Reason[] {
  const unmatched: Reason = { code: "POLICY_UNMATCHED", rule: "defaults", note: null };
  return reason === unmatched.code ? [unmatched] : [unmatched, { code: reason, rule: "defaults", note: null }];
}

/** Sorted and without repeats, so that the order in which rules were read leaves no trace. */
function reasonsOf(contributions: Contribution[]): Reason[] {
  const reasons = contributions.flatMap((one): Reason[] => {
    const own: Reason = { code: one.reason, rule: one.rule, note: null };
    return one.error ? [own, { code: "POLICY_EVAL_ERROR", rule: one.rule, note: one.error }] : [own];
  });
  const byKey = new Map(reasons.map((reason) => [JSON.stringify([reason.rule, reason.code, reason.note]), reason]));
  return [...byKey.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, reason]) => reason);
}
