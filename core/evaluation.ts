import type { Digest, JsonObject } from "./request.ts";
import type { Requirement } from "./requirement.ts";

export type EvaluationOutcome = "allow" | "review" | "deny";

/** One machine word for why, with the rule it came from when a rule said it. */
export type Reason = { code: string; rule: string | null; note: string | null };

/** A rule that applied, and whether it was enforced or only watched. */
export type MatchedRule = {
  id: string;
  policy: string;
  effect: EvaluationOutcome;
  mode: "enforce" | "monitor";
  reason: string;
  /** The condition failed to evaluate: a deny or review rule then counts as matched. */
  error: string | null;
};

/** The fields of the requirement and the rules that set each (`floor` and `defaults` count as rules). */
export type Provenance = { [field: string]: string[] };

/** The policy's answer, complete enough to be explained and replayed. */
export type Evaluation = {
  outcome: EvaluationOutcome;
  reasons: Reason[];
  rules: MatchedRule[];
  /** With `review` only. */
  requirement: Requirement | null;
  /** How long an allowed action may wait for its start. */
  validForSeconds: number;
  provenance: Provenance;
  policyDigest: Digest;
  /** Name and version of the condition engine. */
  engine: string;
  factsDigest: Digest;
};

/** What an action's `describe` computed: typed facts for policy, and a preview for people. */
export type Description = {
  /** Namespaces policies may read, e.g. `{data: {rows, tables, …}}`; declared by the action. */
  facts: JsonObject;
  preview: Preview;
};

/** What a reviewer reads. Built by our templates; agent text only inside `body`. */
export type Preview = {
  /** One line from the action's template, e.g. "Export 12,400 rows of customers". */
  title: string;
  fields: { label: string; value: string }[];
  /** The exact thing that will run, verbatim; shown as a literal block. */
  body: { label: string; language: "sql" | "json"; text: string };
  /** Sentences a reviewer should not miss, e.g. "Leaves the company". */
  warnings: string[];
};
