import { z } from "zod";
import type { ActionSchema } from "../actions/action.ts";
import { LIMITS } from "../core/limits.ts";
import { sentenceOf } from "../core/reason-codes.ts";
import { argumentNamesOf } from "./condition-names.ts";
import { policyShape } from "./document.ts";
import { formatDuration } from "./duration.ts";
import { BASE_FACTS, factTypesOf } from "./facts.ts";
import { caseFileShape } from "./test-cases.ts";
import { ruleReasonCodes } from "./vocabulary.ts";

/** The tables of docs/POLICY.md by the name of their marker: `<!-- generated:NAME -->`. */
export function policyReference(actions: ActionSchema[]): { [name: string]: string } {
  return {
    "policy-fields": table(["field", "value", "meaning"], fieldRows(policySchema(), "")),
    "policy-facts": actions.map(factsTable).join("\n\n"),
    "policy-reasons": table(
      ["code", "meaning"],
      ruleReasonCodes().map((code) => [`\`${code}\``, sentenceOf(code)]),
    ),
    "policy-limits": table(["what", "at most"], limitRows()),
  };
}

/** JSON Schema of a policy file, for editors: docs/policy.schema.json. */
export function policySchema(): JsonSchema {
  const schema = z.toJSONSchema(policyShape, { io: "input" }) as JsonSchema;
  const rule = schema.properties?.spec?.properties?.rules?.items;
  if (rule) rule.oneOf = ["allow", "deny", "review"].map((effect) => ({ required: [effect] }));
  return { title: "Countersign policy", ...schema };
}

/** JSON Schema of a file of test cases: docs/policy-cases.schema.json. */
export function caseSchema(): JsonSchema {
  return { title: "Countersign policy cases", ...(z.toJSONSchema(caseFileShape, { io: "input" }) as JsonSchema) };
}

export type JsonSchema = {
  title?: string;
  type?: string;
  description?: string;
  properties?: { [name: string]: JsonSchema };
  required?: string[];
  items?: JsonSchema;
  enum?: string[];
  const?: string;
  pattern?: string;
  default?: unknown;
  oneOf?: { required: string[] }[];
};

function fieldRows(schema: JsonSchema, prefix: string): string[][] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]): string[][] => {
    const path = `${prefix}${name}${field.type === "array" ? "[]" : ""}`;
    const inner = field.type === "array" ? field.items : field;
    const required = schema.required?.includes(name) && field.default === undefined ? "required. " : "";
    const own = [`\`${path}\``, kindOf(field), `${required}${field.description ?? ""}`.trim()];
    // The floor and the defaults are reviews like that of a rule; one table of it is enough.
    const told = path === "spec.floor.review" || path === "spec.defaults.review";
    return [own, ...(inner && !told ? fieldRows(inner, `${path}.`) : [])];
  });
}

function kindOf(field: JsonSchema): string {
  if (field.const !== undefined) return `\`${field.const}\``;
  if (field.enum) return field.enum.map((value) => `\`${value}\``).join(", ");
  if (field.type === "array") return field.items?.type === "object" ? "list" : `list of ${kindOf(field.items ?? {})}`;
  if (field.pattern?.startsWith("^group:")) return "group";
  if (field.pattern?.includes("[smhd]")) return "duration";
  if (field.type === "object") return "";
  return field.type === "integer" ? "number" : (field.type ?? "");
}

function factsTable(action: ActionSchema): string {
  const own = Object.keys(action.facts).filter((name) => !Object.hasOwn(BASE_FACTS, name));
  const rows = Object.entries(factTypesOf(action)).flatMap(([namespace, fields]) =>
    Object.entries(fields).map(([field, type]) => [
      `\`${namespace}.${field}\``,
      `\`${type}\``,
      own.includes(namespace) ? "this action" : "every action",
    ]),
  );
  const args = (argumentNamesOf(action) ?? []).map((name) => [`\`args.${name}\``, "as validated", "this action"]);
  return `### \`${action.type}\`\n\n${table(["fact", "type", "given by"], [...rows, ...args, ["`now`", "`timestamp`", "every action"]])}`;
}

function limitRows(): string[][] {
  return [
    ["files in a set", String(LIMITS.policyFiles)],
    ["bytes in a file", String(LIMITS.policyFileBytes)],
    ["rules in a file", String(LIMITS.policyRules)],
    ["characters in a condition", String(LIMITS.policyConditionChars)],
    ["nodes in a condition", String(LIMITS.policyAstNodes)],
    ["nesting in a condition", String(LIMITS.policyAstDepth)],
    ["loops inside or behind one another", String(LIMITS.policyLoops)],
    ["characters in a pattern", String(LIMITS.policyPatternChars)],
    ["slots in a review", String(LIMITS.slotsPerRequirement)],
    ["people in a slot", String(LIMITS.countPerSlot)],
    ["escalations of a slot", String(LIMITS.escalationsPerSlot)],
    ["reminders", String(LIMITS.remindersPerRequirement)],
    ["`timeout`, `max_timeout`, `hold.for`", formatDuration(LIMITS.maxTimeoutSeconds)],
    ["`valid_for`", formatDuration(LIMITS.maxValidForSeconds)],
    ["items of a list in the facts", String(LIMITS.factsListItems)],
  ];
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]): string => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), `|${head.map(() => "---").join("|")}|`, ...rows.map(line)].join("\n");
}
