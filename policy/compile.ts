import type { ActionSchema, FactTypes } from "../actions/action.ts";
import { CountersignError, type Finding } from "../core/errors.ts";
import type { Evaluation, EvaluationOutcome } from "../core/evaluation.ts";
import { LIMITS } from "../core/limits.ts";
import type { MergeInput, RequirementFields } from "../core/merge.ts";
import type { Instant } from "../core/principal.ts";
import type { Digest, JsonObject } from "../core/request.ts";
import { type DigestOf, policySetOf } from "./bundle.ts";
import { checkDocuments } from "./check.ts";
import { type Condition, type ConditionCompiler, createConditionCompiler, ENGINE } from "./condition.ts";
import type { Problem } from "./condition-check.ts";
import { argumentNamesOf } from "./condition-names.ts";
import { evaluate } from "./evaluate.ts";
import { factTypesOf } from "./facts.ts";
import { loadPolicies, type PolicyDocument, type PolicyRule, type PolicySource } from "./load.ts";
import { actionTypesMatching, type Vocabulary } from "./vocabulary.ts";

/** A rule as it applies to one action type. */
export type CompiledRule = {
  id: string;
  policy: string;
  file: string;
  line: number;
  column: number;
  effect: EvaluationOutcome;
  mode: "enforce" | "monitor";
  reason: string;
  requirement: RequirementFields | null;
  /** As written; null: the rule always matches. */
  when: string | null;
  condition: Condition | null;
};

export type EvaluateOptions = {
  actionType: string;
  now: Instant;
  /** Of the facts as handed in, without `now`. */
  factsDigest: Digest;
};

export type CompiledPolicies = {
  policyDigest: Digest;
  /** Name and version of the condition engine. */
  engine: string;
  /** Every rule once, in the order of their names. */
  rules: { id: string; policy: string; effect: EvaluationOutcome; mode: "enforce" | "monitor" }[];
  /** Facts and rules by action type; null for a type that the vocabulary does not have. */
  forAction(type: string): { types: FactTypes; rules: CompiledRule[] } | null;
  floors: RequirementFields[];
  defaults: MergeInput["defaults"];
  defaultsAt: { file: string; line: number; column: number } | null;
  evaluate(facts: JsonObject, options: EvaluateOptions): Evaluation;
};

/** All files are one set. Throws POLICY_INVALID with every finding, each with file, line and column. */
export function compilePolicies(sources: PolicySource[], vocabulary: Vocabulary, digestOf: DigestOf): CompiledPolicies {
  const { compiled, findings } = tryCompile(sources, vocabulary, digestOf);
  if (compiled) return compiled;
  const [first] = findings;
  const place = first?.file ? `${first.file}:${first.line}:${first.column}: ` : "";
  const more = findings.length > 1 ? ` (and ${findings.length - 1} more)` : "";
  throw new CountersignError("POLICY_INVALID", `${place}${first?.message ?? ""}${more}`, { findings });
}

/** The same, for those who want the findings as data. */
export function tryCompile(
  sources: PolicySource[],
  vocabulary: Vocabulary,
  digestOf: DigestOf,
): { compiled: CompiledPolicies | null; findings: Finding[] } {
  const { documents, findings } = loadPolicies(sources);
  const mistakes: Mistake[] = [];
  const index = new Map(
    vocabulary.actions.map((action) => [action.type, compileFor(action, { documents, vocabulary, mistakes })]),
  );
  findings.push(...checkDocuments(documents, vocabulary), ...mistakeFindings(mistakes, index));
  if (findings.length > 0) return { compiled: null, findings: inOrder(findings) };

  const withDefaults = documents.find((document) => document.defaults);
  const compiled: CompiledPolicies = {
    policyDigest: digestOf(policySetOf(documents)),
    engine: ENGINE,
    rules: rulesOf(documents),
    forAction: (type) => index.get(type) ?? null,
    floors: documents.flatMap((document) => (document.floor ? [document.floor] : [])),
    defaults: withDefaults?.defaults ?? null,
    defaultsAt: withDefaults?.defaultsAt ?? null,
    evaluate: (facts, options) => evaluate(compiled, facts, options).evaluation,
  };
  return { compiled, findings: [] };
}

type ForAction = { types: FactTypes; rules: CompiledRule[] };

/** Something wrong in a condition, seen while it was compiled for one action type. */
type Mistake = Problem & { document: PolicyDocument; rule: PolicyRule; type: string };

type Compiling = { documents: PolicyDocument[]; vocabulary: Vocabulary; mistakes: Mistake[] };

function compileFor(action: ActionSchema, { documents, vocabulary, mistakes }: Compiling): ForAction {
  const types = factTypesOf(action);
  const compiler = createConditionCompiler(types, argumentNamesOf(action), vocabulary);
  const rules = documents.flatMap((document) =>
    document.rules
      .filter((rule) => rule.on.some((pattern) => actionTypesMatching(pattern, [action.type]).length > 0))
      .map((rule) => {
        const { condition, problems } = compileRule(rule, compiler);
        mistakes.push(...problems.map((problem) => ({ ...problem, document, rule, type: action.type })));
        return compiledRuleOf(rule, document, condition);
      }),
  );
  return { types, rules: rules.sort((a, b) => (a.id < b.id ? -1 : 1)) };
}

function compileRule(
  rule: PolicyRule,
  compiler: ConditionCompiler,
): { condition: Condition | null; problems: Problem[] } {
  if (rule.when === null) return { condition: null, problems: [] };
  const compiled = compiler.compile(rule.when);
  return compiled.ok
    ? { condition: compiled.condition, problems: [] }
    : { condition: null, problems: compiled.problems };
}

function compiledRuleOf(rule: PolicyRule, document: PolicyDocument, condition: Condition | null): CompiledRule {
  const { id, effect, mode, reason, requirement, when, place } = rule;
  const origin = { policy: document.name, file: document.file, ...place };
  return { id, ...origin, effect, mode, reason, requirement, when, condition };
}

/** A mistake that every action type of the rule shares is told once; another one names the types it concerns. */
function mistakeFindings(mistakes: Mistake[], index: Map<string, ForAction>): Finding[] {
  const told = new Map<string, Mistake & { types: string[] }>();
  for (const mistake of mistakes) {
    const { document, rule, offset, message, type } = mistake;
    const key = JSON.stringify([document.file, rule.path, rule.id, offset, message]);
    const known = told.get(key);
    if (known) known.types.push(type);
    else told.set(key, { ...mistake, types: [type] });
  }
  return [...told.values()].map(({ document, rule, offset, message, types }) => {
    const all = [...index.keys()].filter((type) => rule.on.some((on) => actionTypesMatching(on, [type]).length > 0));
    const said = types.length === all.length ? message : `on ${types.join(", ")}: ${message}`;
    return document.where.inside([...rule.path, "when"], offset, said);
  });
}

function rulesOf(documents: PolicyDocument[]): CompiledPolicies["rules"] {
  const rules = documents.flatMap((document) =>
    document.rules.map(({ id, effect, mode }) => ({ id, policy: document.name, effect, mode })),
  );
  return rules.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** As a reader meets them. */
function inOrder(findings: Finding[]): Finding[] {
  const sorted = [...findings].sort(
    (a, b) =>
      (a.file ?? "").localeCompare(b.file ?? "") ||
      (a.line ?? 0) - (b.line ?? 0) ||
      (a.column ?? 0) - (b.column ?? 0) ||
      (a.message < b.message ? -1 : 1),
  );
  return sorted.slice(0, LIMITS.policyFindings);
}
