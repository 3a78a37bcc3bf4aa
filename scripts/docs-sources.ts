import { CATALOGUE } from "../actions/catalogue.ts";
import { VARIABLES, type Variable } from "../config/env-table.ts";
import { configurationJsonSchema } from "../config/yaml-schema.ts";
import { TRANSITIONS } from "../core/deliberation.ts";
import { HAPPENINGS } from "../core/deliberation-types.ts";
import { ERRORS } from "../core/errors.ts";
import { REASON_CODES, reviewerCodes } from "../core/reason-codes.ts";
import { caseSchema, policyReference, policySchema } from "../policy/reference.ts";

/** Which parts of which page are made from which table of the code. */
export const GENERATED_BLOCKS: Record<string, Record<string, () => string>> = {
  "docs/ERRORS.md": { errors },
  "docs/REASON-CODES.md": { "reason-codes": reasonCodes },
  "docs/LIFECYCLE.md": { transitions, happenings },
  "docs/ENVIRONMENT.md": { environment },
  "docs/POLICY.md": Object.fromEntries(
    Object.entries(policyReference(CATALOGUE)).map(([name, markdown]) => [name, () => markdown]),
  ),
};

/** Files that are generated whole. */
export const GENERATED_FILES: Record<string, () => string> = {
  "docs/countersign.schema.json": () => json(configurationJsonSchema()),
  "docs/policy.schema.json": () => json(policySchema()),
  "docs/policy-cases.schema.json": () => json(caseSchema()),
};

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function errors(): string {
  const rows = Object.entries(ERRORS).map(([code, { status, sentence }]) => [`\`${code}\``, String(status), sentence]);
  return table(["code", "status", "sentence"], rows);
}

function reasonCodes(): string {
  const families = {
    policy: "Given by policies",
    reviewer: "Given by people",
    time: "Given by time",
    gate: "Given by the executor's gate",
    executor: "How an execution ended",
    operator: "Given by operators",
    refusal: "Refusals: the answer did not count, and nothing changed",
  };
  const choosable = new Set<string>(reviewerCodes());
  return Object.entries(families)
    .map(([by, heading]) => {
      const rows = Object.entries(REASON_CODES).filter(([, row]) => row.by === by);
      const lines =
        by === "refusal"
          ? table(
              ["code", "status", "sentence", "what to do"],
              rows.map(([code, row]) => [`\`${code}\``, String(row.status ?? ""), row.sentence, row.next ?? ""]),
            )
          : table(
              ["code", "sentence", "notes"],
              rows.map(([code, row]) => [`\`${code}\``, row.sentence, notes(code, row)]),
            );
      return `## ${heading}\n\n${lines}`;
    })
    .join("\n\n");
  function notes(code: string, row: { noteRequired?: true }): string {
    return [choosable.has(code) ? "for deny and flag" : "", row.noteRequired ? "needs a note" : ""]
      .filter(Boolean)
      .join("; ");
  }
}

function environment(): string {
  const rows = VARIABLES.map(({ name, roles, secret, ...row }) => [
    secret ? `\`${name}\` or \`${name}_FILE\`` : `\`${name}\``,
    roles.join(", "),
    defaultOf(row),
    row.sentence,
  ]);
  return table(["variable", "read by", "default", "meaning"], rows);
}

function defaultOf(row: Pick<Variable, "default" | "developmentDefault">): string {
  if (row.default !== null) return `\`${row.default}\``;
  return row.developmentDefault === null ? "" : `in development \`${row.developmentDefault}\``;
}

function transitions(): string {
  const phases = Object.keys(TRANSITIONS) as (keyof typeof TRANSITIONS)[];
  const events = Object.keys(TRANSITIONS[phases[0] ?? "pending"]) as (keyof (typeof TRANSITIONS)["pending"])[];
  const rows = events.map((event) => [`\`${event}\``, ...phases.map((phase) => TRANSITIONS[phase][event].does)]);
  return table(["event", ...phases], rows);
}

function happenings(): string {
  return HAPPENINGS.map((type) => `\`${type}\``).join(" · ");
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), `|${head.map(() => "---").join("|")}|`, ...rows.map(line)].join("\n");
}
