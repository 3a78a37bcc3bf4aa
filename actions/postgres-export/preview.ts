import type { Preview } from "../../core/evaluation.ts";
import type { ColumnLabels } from "./labels.ts";
import { counted, listed, shown } from "./names.ts";
import type { PostgresExportArguments } from "./schema.ts";
import type { ExportTarget } from "./target.ts";

export type PreviewInput = {
  args: PostgresExportArguments;
  target: ExportTarget;
  rows: number;
  /** Tables and views the statement names. */
  tables: string[];
  /** Those, and the tables behind views. */
  behind: string[];
  /** Columns it reads, of any table. */
  reads: string[];
  /** Columns the file would have. */
  output: string[];
  labelled: ColumnLabels[];
  destination: string;
  recursive: boolean;
};

/** What a reviewer reads. Names are ours or escaped; the statement is the agent's, shown to the letter. */
export function previewOf(input: PreviewInput): Preview {
  const { args, target } = input;
  const names = input.tables.map((table) => table.replace(/^public\./, ""));
  const hidden = input.behind.filter((table) => !input.tables.includes(table));
  return {
    title: `Export about ${counted(input.rows, "row")} of ${names.length > 0 ? listed(names, 3) : "no table"}`,
    fields: [
      { label: "Target", value: shown(target.name) },
      { label: "Environment", value: shown(target.environment) },
      { label: "Tables", value: listed(input.tables) + (hidden.length > 0 ? `; through views ${listed(hidden)}` : "") },
      { label: "Columns in the file", value: listed(input.output) },
      { label: "Columns read", value: listed(input.reads) },
      { label: "Labels", value: listed([...new Set(input.labelled.flatMap(({ labels }) => labels))].sort()) },
      {
        label: "Rows",
        value: `about ${counted(input.rows, "row")} (estimate); at most ${counted(args.maxRows, "row")}`,
      },
      { label: "Format", value: args.format === "csv" ? "CSV" : "JSON lines" },
      { label: "Destination", value: input.destination },
      { label: "Credential", value: `database role ${shown(target.execute.role)}` },
    ],
    body: { label: "Statement", language: "sql", text: args.statement },
    warnings: warningsOf(input),
  };
}

function warningsOf(input: PreviewInput): string[] {
  const warnings: string[] = [];
  const kinds: [string, (label: string) => boolean][] = [
    ["Personal data", (label) => label.startsWith("pii.")],
    ["Secrets", (label) => label.startsWith("secret.")],
    ["Labelled data", (label) => !label.startsWith("pii.") && !label.startsWith("secret.")],
  ];
  for (const [name, holds] of kinds) {
    const columns = input.labelled.filter(({ labels }) => labels.some(holds));
    if (columns.length === 0) continue;
    const labels = [...new Set(columns.flatMap((column) => column.labels.filter(holds)))].sort();
    warnings.push(`${name}: ${listed(labels)} (in ${listed(columns.map(({ column }) => column))})`);
  }
  if (input.target.external) warnings.push("Leaves the company");
  if (input.rows > input.args.maxRows) warnings.push("The estimate exceeds the row limit: the export would fail");
  if (input.recursive) warnings.push("The statement is recursive: how many rows it returns can hardly be estimated");
  return warnings;
}
