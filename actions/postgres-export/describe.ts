import { CountersignError } from "../../core/errors.ts";
import type { Description } from "../../core/evaluation.ts";
import { LIMITS } from "../../core/limits.ts";
import type { ActionContext } from "../action.ts";
import { describeError } from "./database-errors.ts";
import { columnLabelsOf } from "./labels.ts";
import { qualified, shown } from "./names.ts";
import { outputOf, planOf } from "./plan.ts";
import { previewOf } from "./preview.ts";
import { addPlanned, type Relation, resolve } from "./resolve.ts";
import type { PostgresExportArguments } from "./schema.ts";
import { readOnly } from "./session.ts";
import { readStatement } from "./statement.ts";
import type { ExportTarget } from "./target.ts";

/** Says what the export would do, under the target's describe role. Nothing of the agent's runs. */
export async function describe(
  args: PostgresExportArguments,
  context: ActionContext<ExportTarget>,
): Promise<Description> {
  const { target } = context;
  const statement = await readStatement(args.statement, target.functions);
  const settings = {
    url: context.secret(target.describe.url),
    role: target.describe.role,
    statementSeconds: LIMITS.describeSeconds,
    lockSeconds: LIMITS.describeLockSeconds,
  };
  const seen = await readOnly(settings, async ({ sql }) => {
    const named = await resolve(sql, statement, target.functions);
    const output = await outputOf(sql, args.statement);
    const plan = await planOf(sql, args.statement);
    return { output, rows: plan.rows, relations: await addPlanned(sql, named, plan.relations) };
  }).catch((error: unknown) => {
    throw describeError(error);
  });
  refuseSameNames(
    args,
    seen.output.map(({ name }) => name),
  );

  const labelled = columnLabelsOf(seen.relations, target.labels);
  const tables = seen.relations.filter(({ child }) => !child).map(({ schema, name }) => qualified(schema, name));
  const columns = seen.relations.filter(({ child }) => !child).flatMap(columnsOf);
  const destination = `${shown(target.exports.directory)}/ (${target.external ? "outside" : "inside"})`;
  const facts = {
    data: {
      rows: seen.rows,
      tables: tables.sort(),
      columns: columns.sort(),
      labels: [...new Set(labelled.flatMap(({ labels }) => labels))].sort(),
      external: target.external,
      destination,
      format: args.format,
      maxRows: args.maxRows,
    },
    sql: { read_only: true, statements: 1, functions: statement.functions, text: args.statement },
  };
  refuseTooMuch(facts);
  const preview = previewOf({
    args,
    target,
    rows: seen.rows,
    tables: seen.relations.filter(({ direct }) => direct).map(({ schema, name }) => qualified(schema, name)),
    behind: tables,
    reads: columns,
    output: seen.output.map(({ name }) => name),
    labelled,
    destination,
    recursive: statement.mentions.recursive,
  });
  return { facts, preview };
}

function columnsOf(relation: Relation): string[] {
  return [...relation.touched].map((column) => qualified(relation.schema, relation.name, column));
}

/** In a JSON object the second value of a name would replace the first. */
export function refuseSameNames(args: PostgresExportArguments, names: string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (args.format !== "jsonl" || twice === undefined) return;
  throw new CountersignError("STATEMENT_REFUSED", `Two columns are called ${shown(twice)}, which JSONL cannot hold.`, {
    pointer: "/arguments/statement",
  });
}

/** Facts are never cut: a policy that reads half of them would judge another action. */
function refuseTooMuch(facts: { data: { tables: string[]; columns: string[] } }): void {
  const items = Math.max(facts.data.tables.length, facts.data.columns.length);
  const bytes = Buffer.byteLength(JSON.stringify(facts));
  if (items > LIMITS.factsListItems || bytes > LIMITS.factsBytes) {
    throw new CountersignError("STATEMENT_REFUSED", "It reads too many tables and columns to be judged.", {
      pointer: "/arguments/statement",
    });
  }
}
