import { z } from "zod";
import { LIMITS } from "../../core/limits.ts";
import type { ActionSchema } from "../action.ts";

export const EXPORT_FORMATS = ["csv", "jsonl"] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export type PostgresExportArguments = {
  /** One SELECT, exactly as it will run. */
  statement: string;
  format: ExportFormat;
  /** More rows than this and the export fails, leaving nothing. */
  maxRows: number;
};

const exportArguments: z.ZodType<PostgresExportArguments> = z.strictObject({
  statement: z
    .string()
    .min(1)
    .max(LIMITS.statementChars)
    // Postgres cannot hold a NUL, and half a surrogate pair has no UTF-8 form: neither could run as it was approved.
    .refine((text) => !text.includes("\0") && !/\p{Surrogate}/u.test(text), "must be text that Postgres can hold")
    .describe("One SELECT statement, run exactly as written."),
  format: z
    .enum(EXPORT_FORMATS)
    .describe(
      "csv: RFC 4180 with a header line; NULL is an empty field, the empty text is two quotes. jsonl: one JSON object " +
        "a line; bigint and numeric are strings, so that no reader rounds them. Values are never altered.",
    ),
  maxRows: z
    .int()
    .min(1)
    .max(LIMITS.exportRowsMax)
    .describe("The most rows the file may have. More than that, and the export fails and leaves nothing."),
});

export const postgresExport: ActionSchema<PostgresExportArguments> = {
  type: "postgres.export",
  summary: "Writes the rows of one SELECT statement to a file in the target's export directory.",
  targetKind: "postgres",
  arguments: exportArguments,
  facts: {
    data: {
      rows: "int",
      tables: "list<string>",
      columns: "list<string>",
      labels: "list<string>",
      external: "bool",
      destination: "string",
      format: "string",
      maxRows: "int",
    },
    sql: {
      read_only: "bool",
      statements: "int",
      functions: "list<string>",
      text: "string",
    },
  },
  idempotent: false,
  maxRunSeconds: LIMITS.exportSeconds,
};
