import type { Json } from "../core/request.ts";
import type { TracedClause } from "./condition-trace.ts";
import { formatDuration } from "./duration.ts";
import type { Explanation, SkippedRule } from "./explain.ts";

/** The explanation as plain text: for terminals, and for every surface that has nothing better. */
export function renderExplanation(explanation: Explanation): string {
  const { actionType, outcome, reasons, matched, skipped, fields, leftOut } = explanation;
  const lines = [`${actionType}: ${outcome}`];
  for (const { code, rule, note } of reasons) {
    lines.push(`  ${code}${rule ? ` (${rule})` : ""}${note ? `: ${note}` : ""}`);
  }
  lines.push("", "Matched rules");
  if (matched.length === 0) lines.push("  none");
  for (const rule of matched) {
    const watched = rule.mode === "monitor" ? ", monitor only" : "";
    lines.push(`  ${rule.id} -> ${rule.effect} ${rule.reason}${watched}   ${rule.file}:${rule.line}`);
    if (rule.when === null) lines.push("      always");
    if (rule.error !== null) lines.push(`      could not be evaluated, so it counts: ${rule.error}`);
    lines.push(...rule.clauses.flatMap(clauseLines));
  }
  lines.push("", "Rules that did not match");
  if (skipped.length === 0) lines.push("  none");
  lines.push(...skipped.flatMap(skippedLines));
  if (leftOut > 0) lines.push(`  and ${leftOut} more`);
  if (fields.length > 0) lines.push("", "Requirement");
  for (const { field, value, setBy } of fields) lines.push(`  ${fieldText(field, value)}   set by ${setBy.join(", ")}`);
  lines.push(
    "",
    `policy ${explanation.policyDigest}`,
    `facts  ${explanation.factsDigest}`,
    `engine ${explanation.engine}`,
  );
  return `${lines.join("\n")}\n`;
}

function skippedLines({ id, effect, failed, file, line }: SkippedRule): string[] {
  return [`  ${id} -> ${effect}   ${file}:${line}`, ...(failed ? clauseLines(failed) : [])];
}

function clauseLines({ text, result, error, values }: TracedClause): string[] {
  const mark = { true: "yes", false: "no ", error: "?  " }[result];
  const lines = [`      ${mark} ${text}${error ? `   (${error})` : ""}`];
  return [...lines, ...values.map(({ name, value }) => `            ${name} = ${JSON.stringify(value)}`)];
}

function fieldText(field: string, value: Json): string {
  const name = field.replace(/Seconds$/, "");
  if (name === field) return `${name}: ${JSON.stringify(value)}`;
  if (Array.isArray(value)) return `${name}: ${value.map((one) => formatDuration(Number(one))).join(", ")}`;
  return `${name}: ${formatDuration(Number(value))}`;
}
