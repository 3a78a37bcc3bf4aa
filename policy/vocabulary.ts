import type { ActionSchema } from "../actions/action.ts";
import type { Directory, GroupId } from "../core/principal.ts";
import { REASON_CODES } from "../core/reason-codes.ts";

/** The names a policy may use. A name that is not in here fails when the policy is loaded. */
export type Vocabulary = {
  groups: GroupId[];
  actions: ActionSchema[];
  /** The organisation's own codes; the catalogue's policy codes are always known. */
  reasonCodes: string[];
  /** Without them, names of targets and environments are not checked. */
  targets?: { name: string; environment: string }[];
};

/** The part of a configuration that policies speak about. */
export type VocabularySource = {
  directory: Directory;
  targets: { name: string; environment: string }[];
  reasonCodes: { code: string; by: "policy" | "reviewer" }[];
};

export function vocabularyOf(source: VocabularySource, actions: ActionSchema[]): Vocabulary {
  return {
    groups: source.directory.groups,
    actions,
    reasonCodes: source.reasonCodes.filter((row) => row.by === "policy").map((row) => row.code),
    targets: source.targets.map(({ name, environment }) => ({ name, environment })),
  };
}

/** Codes the engine gives itself; a rule that used one would lie about what happened. */
const ENGINE_CODES = [
  "POLICY_NO_POLICY",
  "POLICY_EVAL_ERROR",
  "POLICY_JUSTIFICATION_REQUIRED",
  "POLICY_FACTS_UNAVAILABLE",
  "POLICY_UNANSWERABLE",
];

/** Codes of the catalogue that a rule may give as its reason. */
export function ruleReasonCodes(): string[] {
  return Object.entries(REASON_CODES)
    .filter(([code, row]) => row.by === "policy" && !ENGINE_CODES.includes(code))
    .map(([code]) => code);
}

/** Action types that an `on` entry names: exact, `kind.*`, `*.verb` or `*`. */
export function actionTypesMatching(pattern: string, types: string[]): string[] {
  if (pattern === "*") return types;
  if (pattern.startsWith("*.")) return types.filter((type) => type.endsWith(pattern.slice(1)));
  if (pattern.endsWith(".*")) return types.filter((type) => type.startsWith(pattern.slice(0, -1)));
  return types.filter((type) => type === pattern);
}
