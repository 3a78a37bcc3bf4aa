import type { OutputColumn } from "./plan.ts";
import type { ExportFormat } from "./schema.ts";

/** One value in Postgres's own text form; null is NULL. */
export type Value = string | null;

export type RowWriter = {
  /** Before the first row; empty when the format has no header. */
  header(): string;
  row(values: readonly Value[]): string;
};

export function rowWriter(format: ExportFormat, columns: readonly OutputColumn[]): RowWriter {
  switch (format) {
    case "csv":
      return csvWriter(columns);
    case "jsonl":
      return jsonlWriter(columns);
  }
}

/**
 * RFC 4180: CRLF, quotes doubled. NULL is an empty field, the empty text is `""`. Values are not
 * altered: one that begins with `=` is a formula to a spreadsheet, and to nobody else.
 */
function csvWriter(columns: readonly OutputColumn[]): RowWriter {
  return {
    header: () => line(columns.map(({ name }) => name)),
    row: line,
  };

  function line(values: readonly Value[]): string {
    return `${values.map(csvField).join(",")}\r\n`;
  }
}

function csvField(value: Value): string {
  if (value === null) return "";
  return value === "" || CSV_SPECIAL.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/**
 * Also blanks at the ends, which some readers trim away unless they are quoted, and `\.`, which alone on
 * a line ends the data for Postgres's own COPY before version 18.
 */
const CSV_SPECIAL = /[",\r\n]|^\s|\s$|^\\\.$/;

/**
 * One object a line, in the order of the columns. Booleans, small integers and finite floating point
 * numbers become JSON's own; json and jsonb are put in as they are; bigint and numeric become strings,
 * because many readers would round them; everything else is Postgres's text in a string.
 */
function jsonlWriter(columns: readonly OutputColumn[]): RowWriter {
  const keys = columns.map(({ name }) => JSON.stringify(name));
  return {
    header: () => "",
    row: (values) => {
      const members = values.map((value, i) => `${keys[i]}:${jsonValue(value, columns[i]?.type ?? 0)}`);
      return `{${members.join(",")}}\n`;
    },
  };
}

function jsonValue(value: Value, type: number): string {
  if (value === null) return "null";
  switch (type) {
    case OID.bool:
      return value === "t" ? "true" : "false";
    case OID.int2:
    case OID.int4:
      return value;
    case OID.float4:
    case OID.float8:
      return Number.isFinite(Number(value)) ? value : JSON.stringify(value);
    case OID.json:
    case OID.jsonb:
      // A line end inside json can only be blank space between its tokens.
      return value.replace(/[\r\n]/g, " ");
    default:
      return JSON.stringify(value);
  }
}

/** Numbers of built-in types, fixed for ever in Postgres's catalog. */
const OID = { bool: 16, int2: 21, int4: 23, json: 114, float4: 700, float8: 701, jsonb: 3802 } as const;
