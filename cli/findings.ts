import type { Finding } from "../core/errors.ts";
import { literal } from "../privacy/literal.ts";
import { styled } from "./terminal.ts";

/** Findings as a compiler prints them: place, message, the line, a caret. */
export function findingLines(findings: Finding[], sources: { file: string; text: string }[]): string[] {
  return findings.flatMap((finding) => {
    const { file, line, column, message } = finding;
    const place = [file, line, column].filter((part) => part !== null).join(":");
    const head = `${styled("bold", place, process.stderr)}: ${styled("red", "error", process.stderr)}: ${literal(message)}`;
    const text = sources.find((source) => source.file === file)?.text.split(/\r?\n/)[(line ?? 0) - 1];
    if (text === undefined || column === null) return [head];
    return [head, ...excerpt(text, column)];
  });
}

const WIDTH = 120;

/** A long line is cut around the place that matters. */
function excerpt(text: string, column: number): string[] {
  const flat = text.replaceAll("\t", " ");
  const start = Math.max(0, column - WIDTH + 20);
  const shown = literal(flat.slice(start, start + WIDTH));
  return [`    ${shown}`, `    ${" ".repeat(Math.max(0, column - 1 - start))}${styled("red", "^", process.stderr)}`];
}
