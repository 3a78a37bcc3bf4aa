import { type Document, LineCounter, parseAllDocuments } from "yaml";
import type { z } from "zod";
import type { Finding } from "../core/errors.ts";
import type { EvaluationOutcome } from "../core/evaluation.ts";
import { LIMITS } from "../core/limits.ts";
import type { RequirementFields } from "../core/merge.ts";
import type { GroupId } from "../core/principal.ts";
import { type PolicyShape, policyShape, type ReviewShape, type RuleShape } from "./document.ts";
import type { Path, Place } from "./positions.ts";
import { shapeFindingsOf } from "./shape-findings.ts";
import { readDocument, type Where } from "./yaml-document.ts";

export type PolicySource = { file: string; text: string };

/** One policy as written, its durations in seconds, each part still knowing where it stands. */
export type PolicyDocument = {
  file: string;
  name: string;
  owner: GroupId | null;
  floor: RequirementFields | null;
  defaults: { reason: string; requirement: RequirementFields } | null;
  defaultsAt: { file: string; line: number; column: number };
  rules: PolicyRule[];
  where: Where;
};

export type PolicyRule = {
  id: string;
  on: string[];
  /** null: the rule always matches. */
  when: string | null;
  mode: "enforce" | "monitor";
  effect: EvaluationOutcome;
  reason: string;
  requirement: RequirementFields | null;
  /** Of the rule itself. */
  path: Path;
  place: Place;
};

export type Loaded = { documents: PolicyDocument[]; findings: Finding[] };

/** Reads every file, however many mistakes it finds. What fits the shape is returned, the rest is in `findings`. */
export function loadPolicies(sources: PolicySource[]): Loaded {
  if (sources.length > LIMITS.policyFiles) {
    const message = `There are ${sources.length} policy files; at most ${LIMITS.policyFiles} are read.`;
    return { documents: [], findings: [inFile(null, message)] };
  }
  const loaded = sources.map(loadFile);
  return {
    documents: loaded.flatMap((one) => one.documents),
    findings: loaded.flatMap((one) => one.findings),
  };
}

function loadFile(source: PolicySource): Loaded {
  const { file, text } = source;
  if (new TextEncoder().encode(text).length > LIMITS.policyFileBytes) {
    const message = `The file is larger than ${LIMITS.policyFileBytes} bytes.`;
    return { documents: [], findings: [inFile(file, message)] };
  }
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const documents: Document[] = "empty" in parsed ? [] : parsed;
  if (documents.length === 0) return { documents: [], findings: [inFile(file, "There is no policy in this file.")] };
  const loaded = documents.map((document) => loadDocument(source, document, lines));
  return {
    documents: loaded.flatMap((one) => one.documents),
    findings: loaded.flatMap((one) => one.findings),
  };
}

function loadDocument(source: PolicySource, document: Document, lines: LineCounter): Loaded {
  const read = readDocument(document, { ...source, lines });
  if (!read.ok) return { documents: [], findings: read.findings };
  const shaped: z.ZodSafeParseResult<PolicyShape> = policyShape.safeParse(read.json);
  if (!shaped.success) {
    return { documents: [], findings: shapeFindingsOf(shaped.error, read.json, policyShape, read.where) };
  }
  return { documents: [documentOf(source.file, shaped.data, read.where)], findings: [] };
}

function documentOf(file: string, shape: PolicyShape, where: Where): PolicyDocument {
  const { metadata, spec } = shape;
  const defaults = spec.defaults?.review;
  return {
    file,
    name: metadata.name,
    owner: metadata.owner ?? null,
    floor: spec.floor ? requirementFieldsOf(spec.floor.review) : null,
    defaults: defaults ? { reason: defaults.reason, requirement: requirementFieldsOf(defaults) } : null,
    defaultsAt: { file, ...where.placeOf(["spec", "defaults"]) },
    rules: spec.rules.map((rule, index) => ruleOf(rule, ["spec", "rules", index], where)),
    where,
  };
}

function ruleOf(shape: RuleShape, path: Path, where: Where): PolicyRule {
  const { id, on, when, mode, allow, deny, review } = shape;
  const common = { id, on, when: when?.trim() ?? null, mode, path, place: where.placeOf(path) };
  if (deny) return { ...common, effect: "deny", reason: deny.reason, requirement: null };
  if (review) return { ...common, effect: "review", reason: review.reason, requirement: requirementFieldsOf(review) };
  const validForSeconds = allow?.valid_for;
  const reason = allow?.reason ?? "POLICY_ALLOWED";
  return {
    ...common,
    effect: "allow",
    reason,
    requirement: validForSeconds === undefined ? null : { validForSeconds },
  };
}

function requirementFieldsOf(review: ReviewShape): RequirementFields {
  return {
    slots: review.approvals?.map(({ from, count, escalate }) => ({
      from,
      count,
      escalate: escalate.map((step) => ({ afterSeconds: step.after, to: step.to })),
    })),
    timeoutSeconds: review.timeout,
    maxTimeoutSeconds: review.max_timeout,
    validForSeconds: review.valid_for,
    remindSeconds: review.remind,
    channels: review.channels,
    holdSeconds: review.hold?.for,
    excludeGroups: review.exclude,
    justification: review.justification,
  };
}

function inFile(file: string | null, message: string): Finding {
  return { message, pointer: null, file, line: file === null ? null : 1, column: file === null ? null : 1 };
}
