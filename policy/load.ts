import { type Document, LineCounter, parseAllDocuments } from "yaml";
import type { z } from "zod";
import type { Finding } from "../core/errors.ts";
import type { EvaluationOutcome } from "../core/evaluation.ts";
import { LIMITS } from "../core/limits.ts";
import type { RequirementFields } from "../core/merge.ts";
import type { GroupId } from "../core/principal.ts";
import { type PolicyShape, policyShape, type ReviewShape, type RuleShape } from "./document.ts";
import { type Path, type Place, type Places, placesOf, pointerOf } from "./positions.ts";
import { shapeFindingsOf } from "./shape-findings.ts";

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

/** Makes a finding about one part of one document. */
export type Where = {
  value(path: Path, message: string): Finding;
  key(path: Path, message: string): Finding;
  inside(path: Path, offset: number, message: string): Finding;
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
  const places = placesOf(document, lines, source.text);
  const where = whereIn(source.file, places);
  // A warning of the parser (an unknown tag, say) means that it guessed; policies are not guessed.
  const problems = [...document.errors, ...document.warnings];
  if (problems.length > 0) {
    const findings = problems.map((problem): Finding => {
      const { line, col } = lines.linePos(problem.pos[0]);
      return { message: problem.message, pointer: null, file: source.file, line, column: col };
    });
    return { documents: [], findings };
  }
  let json: unknown;
  try {
    json = document.toJS();
  } catch (cause) {
    return { documents: [], findings: [where.value([], `The YAML cannot be read: ${(cause as Error).message}`)] };
  }
  const shaped: z.ZodSafeParseResult<PolicyShape> = policyShape.safeParse(json);
  if (!shaped.success) return { documents: [], findings: shapeFindingsOf(shaped.error, json, policyShape, where) };
  return { documents: [documentOf(source.file, shaped.data, places, where)], findings: [] };
}

function documentOf(file: string, shape: PolicyShape, places: Places, where: Where): PolicyDocument {
  const { metadata, spec } = shape;
  const defaults = spec.defaults?.review;
  return {
    file,
    name: metadata.name,
    owner: metadata.owner ?? null,
    floor: spec.floor ? requirementFieldsOf(spec.floor.review) : null,
    defaults: defaults ? { reason: defaults.reason, requirement: requirementFieldsOf(defaults) } : null,
    defaultsAt: { file, ...places.valueAt(["spec", "defaults"]) },
    rules: spec.rules.map((rule, index) => ruleOf(rule, ["spec", "rules", index], places)),
    where,
  };
}

function ruleOf(shape: RuleShape, path: Path, places: Places): PolicyRule {
  const { id, on, when, mode, allow, deny, review } = shape;
  const common = { id, on, when: when?.trim() ?? null, mode, path, place: places.valueAt(path) };
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

export function whereIn(file: string, places: Places): Where {
  const finding = (path: Path, message: string, place: Place): Finding => {
    return { message, pointer: pointerOf(path), file, line: place.line, column: place.column };
  };
  return {
    value: (path, message) => finding(path, message, places.valueAt(path)),
    key: (path, message) => finding(path, message, places.keyAt(path)),
    inside: (path, offset, message) => finding(path, message, places.insideAt(path, offset)),
  };
}

function inFile(file: string | null, message: string): Finding {
  return { message, pointer: null, file, line: file === null ? null : 1, column: file === null ? null : 1 };
}
