import { LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import type { Finding } from "../core/errors.ts";
import type { Evaluation } from "../core/evaluation.ts";
import { LIMITS } from "../core/limits.ts";
import type { Digest, Json, JsonObject } from "../core/request.ts";
import type { DigestOf } from "./bundle.ts";
import type { CompiledPolicies } from "./compile.ts";
import { DURATION_PATTERN, formatDuration, parseDuration } from "./duration.ts";
import { unknownFacts } from "./facts.ts";
import type { PolicySource } from "./load.ts";
import { shapeFindingsOf } from "./shape-findings.ts";
import { readDocument } from "./yaml-document.ts";

/** One case: facts, and what the policies have to make of them. Fields that are left out are not compared. */
export type PolicyCase = {
  file: string;
  line: number;
  name: string;
  now: number;
  facts: JsonObject;
  expect: z.output<typeof expectation>;
};

export type CaseResult = { case: PolicyCase; differences: string[] };

export type CaseRun = {
  results: CaseResult[];
  /** Rules no case made match; a condition that failed does not count as reached. */
  unreached: CompiledPolicies["rules"];
  ok: boolean;
};

/** Time stands still in a case unless it says otherwise: a Monday noon. */
const FIXED_NOW = "2026-01-05T12:00:00Z";

const names = z.array(z.string().max(200)).max(LIMITS.policyRules);
const expectation = z.strictObject({
  outcome: z.enum(["allow", "review", "deny"]),
  rules: names.optional(),
  reasons: names.optional(),
  approvals: z.array(z.strictObject({ from: z.string(), count: z.int().default(1) })).optional(),
  timeout: z
    .string()
    .regex(DURATION_PATTERN)
    .transform((text) => parseDuration(text) ?? 0)
    .optional(),
});

const facts = z.record(z.string(), z.record(z.string(), z.json()));
const now = z.string().refine((text) => !Number.isNaN(Date.parse(text)), "must be an RFC 3339 instant");

export const caseFileShape = z.strictObject({
  given: facts.optional().describe("Facts of every case in this file; a case's own facts are laid over them."),
  now: now.default(FIXED_NOW).describe("The instant at which the cases are judged."),
  cases: z
    .array(z.strictObject({ name: z.string().min(1).max(200), now: now.optional(), facts, expect: expectation }))
    .min(1)
    .max(LIMITS.policyTestCases),
});

export function loadCases(sources: PolicySource[]): { cases: PolicyCase[]; findings: Finding[] } {
  const loaded = sources.map(loadCaseFile);
  return {
    cases: loaded.flatMap((one) => one.cases),
    findings: loaded.flatMap((one) => one.findings),
  };
}

function loadCaseFile({ file, text }: PolicySource): { cases: PolicyCase[]; findings: Finding[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const read = readDocument(document, { file, text, lines });
  if (!read.ok) return { cases: [], findings: read.findings };
  const shaped = caseFileShape.safeParse(read.json);
  if (!shaped.success) {
    return { cases: [], findings: shapeFindingsOf(shaped.error, read.json, caseFileShape, read.where) };
  }
  const { given = {}, cases } = shaped.data;
  return {
    cases: cases.map((one, index) => ({
      file,
      line: read.where.placeOf(["cases", index]).line,
      name: one.name,
      now: Date.parse(one.now ?? shaped.data.now),
      facts: laidOver(given, one.facts),
      expect: one.expect,
    })),
    findings: [],
  };
}

type Facts = z.output<typeof facts>;

function laidOver(given: Facts, own: Facts): JsonObject {
  const namespaces = new Set([...Object.keys(given), ...Object.keys(own)]);
  const entries = [...namespaces].map((name): [string, Json] => [name, { ...given[name], ...own[name] }]);
  return Object.fromEntries(entries);
}

/** A deny rule that no case reaches fails the run: nobody has seen it deny. */
export function runCases(policies: CompiledPolicies, cases: PolicyCase[], digestOf: DigestOf): CaseRun {
  const reached = new Set<string>();
  const results = cases.map((one): CaseResult => {
    const actionType = actionTypeOf(one.facts);
    const factsDigest: Digest = digestOf(one.facts);
    const evaluation = policies.evaluate(one.facts, { actionType, now: one.now, factsDigest });
    for (const rule of evaluation.rules) if (rule.error === null) reached.add(rule.id);
    const types = policies.forAction(actionType)?.types;
    const strangers = types
      ? unknownFacts(one.facts, types).map((fact) => `the fact ${fact} does not exist`)
      : [`facts.action.type names no action: "${actionType}"`];
    return { case: one, differences: [...strangers, ...differencesOf(one.expect, evaluation)] };
  });
  const unreached = policies.rules.filter((rule) => !reached.has(rule.id));
  const failed = results.some((result) => result.differences.length > 0);
  return { results, unreached, ok: !failed && !unreached.some((rule) => rule.effect === "deny") };
}

function actionTypeOf(given: JsonObject): string {
  const action = given.action as JsonObject | undefined;
  return typeof action?.type === "string" ? action.type : "";
}

function differencesOf(expected: PolicyCase["expect"], evaluation: Evaluation): string[] {
  const { requirement } = evaluation;
  const differences: string[] = [];
  const compare = (what: string, wanted: string, got: string): void => {
    if (wanted !== got) differences.push(`${what}: expected ${wanted || "none"}, got ${got || "none"}`);
  };
  compare("outcome", expected.outcome, evaluation.outcome);
  if (expected.rules) compare("rules", listed(expected.rules), listed(evaluation.rules.map((rule) => rule.id)));
  if (expected.reasons) {
    compare("reasons", listed(expected.reasons), listed(evaluation.reasons.map((reason) => reason.code)));
  }
  if (expected.approvals) {
    compare("approvals", listed(expected.approvals.map(slotText)), listed((requirement?.slots ?? []).map(slotText)));
  }
  if (expected.timeout !== undefined) {
    compare("timeout", formatDuration(expected.timeout), requirement ? formatDuration(requirement.timeoutSeconds) : "");
  }
  for (const rule of evaluation.rules) {
    if (rule.error !== null) differences.push(`the condition of ${rule.id} could not be evaluated: ${rule.error}`);
  }
  return differences;
}

function slotText({ from, count }: { from: string; count: number }): string {
  return `${count} of ${from}`;
}

function listed(items: string[]): string {
  return [...new Set(items)].sort().join(", ");
}
