import { createInterface } from "node:readline/promises";
import { styleText } from "node:util";
import { literalBlock } from "../privacy/literal.ts";

type Style = Parameters<typeof styleText>[0];

/** Colour only where a person looks at it; NO_COLOR wins (no-color.org). */
export function styled(style: Style, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  const wanted = stream.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== "dumb";
  return wanted ? styleText(style, text, { validateStream: false }) : text;
}

export function say(...lines: string[]): void {
  for (const line of lines) process.stdout.write(`${line}\n`);
}

/** Progress and hints: not part of what a script reads. */
export function remark(...lines: string[]): void {
  for (const line of lines) process.stderr.write(`${line}\n`);
}

export function sayJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/**
 * Somebody else's text, whole, each line behind a bar. Lines are broken here and not by the terminal:
 * a line it wrapped would begin at the left edge and could pose as one of ours.
 */
export function quoted(text: string): string[] {
  const width = Math.max(20, (process.stdout.columns ?? process.stderr.columns ?? 1_000) - 6);
  return literalBlock(text, Number.POSITIVE_INFINITY)
    .split("\n")
    .flatMap((line) => broken(line.replaceAll("\t", "    "), width))
    .map(({ part, first }) => `  │ ${first ? "" : "↪ "}${part}`);
}

function broken(line: string, width: number): { part: string; first: boolean }[] {
  const parts: { part: string; first: boolean }[] = [];
  let part = "";
  let used = 0;
  for (const character of line) {
    // Beyond ASCII a character may be two columns wide.
    const columns = character > "\u007e" ? 2 : 1;
    if (used + columns > width) {
      parts.push({ part, first: parts.length === 0 });
      part = "";
      used = 2;
    }
    part += character;
    used += columns;
  }
  return [...parts, { part, first: parts.length === 0 }];
}

/** Columns as wide as their widest cell; the last one is not padded. */
export function table(headings: string[], rows: string[][]): string[] {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => (row[column] ?? "").length)),
  );
  const line = (cells: string[]) =>
    cells.map((cell, column) => (column === cells.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join("  ");
  return [styled("bold", line(headings)), ...rows.map(line)];
}

/** False when nobody is there to answer. */
export async function confirmed(question: string): Promise<boolean> {
  const ask = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await ask.question(`${question} [y/N] `)).trim());
  } finally {
    ask.close();
  }
}

export function someoneIsThere(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}
