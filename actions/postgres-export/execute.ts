import { LIMITS } from "../../core/limits.ts";
import type { Json } from "../../core/request.ts";
import { type ActionContext, ActionFailure } from "../action.ts";
import { executeError } from "./database-errors.ts";
import { refuseSameNames } from "./describe.ts";
import { createPendingFile, type PendingFile } from "./file.ts";
import { shown } from "./names.ts";
import { outputOf } from "./plan.ts";
import { resolve } from "./resolve.ts";
import { rowWriter, type Value } from "./rows.ts";
import type { PostgresExportArguments } from "./schema.ts";
import { readOnly, type Session } from "./session.ts";
import { readStatement, type Statement } from "./statement.ts";
import type { ExportTarget } from "./target.ts";

/** Runs the statement once, under the target's export role, and publishes its rows as one file or not at all. */
export async function execute(args: PostgresExportArguments, context: ActionContext<ExportTarget>): Promise<Json> {
  const { target, signal } = context;
  refuseIfStopped(signal);
  // What describe found is not believed here: the same checks again, in this process, now.
  const statement = await readStatement(args.statement, target.functions);
  const file = await createPendingFile({
    root: context.exportsDirectory,
    directory: target.exports.directory,
    requestId: context.requestId,
    extension: args.format,
  });
  const progress = { rows: 0 };
  const beat = setInterval(() => context.heartbeat({ rows: progress.rows, bytes: file.bytes }), HEARTBEAT_MS);
  try {
    const settings = {
      url: context.secret(target.execute.url),
      role: target.execute.role,
      statementSeconds: LIMITS.statementSeconds,
      lockSeconds: LIMITS.exportLockSeconds,
    };
    const columns = await readOnly(settings, (session) =>
      stream({ args, context, session, statement, file, progress }),
    );
    refuseIfStopped(signal);
    const published = await file.publish();
    return { ...published, rows: progress.rows, columns: boundedNames(columns), format: args.format };
  } catch (error) {
    // A connection that ends because of the stop says so in many ways; the stop is the reason.
    refuseIfStopped(signal);
    throw executeError(error);
  } finally {
    clearInterval(beat);
    await file.discard();
  }
}

const HEARTBEAT_MS = 1_000;

type Streaming = {
  args: PostgresExportArguments;
  context: ActionContext<ExportTarget>;
  session: Session;
  statement: Statement;
  file: PendingFile;
  progress: { rows: number };
};

/** A batch in memory, a batch on disk, then the next: the server waits for the disk, whatever the size. */
async function stream({ args, context, session, statement, file, progress }: Streaming): Promise<string[]> {
  const { sql } = session;
  await resolve(sql, statement, context.target.functions);
  const columns = await outputOf(sql, args.statement);
  const names = columns.map(({ name }) => name);
  refuseSameNames(args, names);
  const writer = rowWriter(args.format, columns);
  await file.write(writer.header());

  for await (const batch of session.rows(args.statement, context.signal)) {
    refuseIfStopped(context.signal);
    if (progress.rows + batch.length > args.maxRows) throw tooManyRows(args.maxRows);
    await file.write(batch.map((row) => writer.row(row.map(textOf))).join(""));
    progress.rows += batch.length;
  }
  refuseIfStopped(context.signal);
  return names;
}

function textOf(value: Buffer | null): Value {
  return value === null ? null : value.toString("utf8");
}

function tooManyRows(maxRows: number): ActionFailure {
  return new ActionFailure(
    "EXEC_ROW_LIMIT",
    `The statement returned more than the ${maxRows.toLocaleString("en-US")} rows that were asked for.`,
  );
}

function refuseIfStopped(signal: AbortSignal): void {
  if (signal.aborted) throw new ActionFailure("EXEC_STOPPED", "The export was stopped; nothing was published.");
}

/** The result has a size limit; the file's own header has every name. */
function boundedNames(names: string[]): string[] {
  const most = 100;
  if (names.length <= most) return names.map((name) => shown(name));
  return [...names.slice(0, most).map((name) => shown(name)), `and ${names.length - most} more`];
}
