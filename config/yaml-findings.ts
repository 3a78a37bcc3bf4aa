import { type Document, isAlias, isMap, isScalar, isSeq, type LineCounter, type Node } from "yaml";
import type { z } from "zod";
import type { Finding } from "../core/errors.ts";

export type Path = (string | number)[];

/** Something wrong at a place of the document. `key`: with the field itself, not with its value. */
export type Problem = { path: Path; key: boolean; message: string };

export function findingsOf(problems: Problem[], document: Document, lines: LineCounter, file: string): Finding[] {
  const seen = new Set<string>();
  return problems
    .map(({ path, key, message }): Finding => {
      const { line, col } = lines.linePos(offsetOf(document, path, key));
      return { message, pointer: pointerOf(path), file, line: Math.max(line, 1), column: Math.max(col, 1) };
    })
    .filter((finding) => {
      const text = `${finding.pointer} ${finding.message}`;
      return !seen.has(text) && seen.add(text);
    })
    .sort((one, other) => (one.line ?? 0) - (other.line ?? 0) || (one.column ?? 0) - (other.column ?? 0));
}

/** What zod says, in the words of the file. */
export function shapeProblems(error: Pick<z.ZodError, "issues">, within: Path = []): Problem[] {
  return error.issues.flatMap((issue): Problem[] => {
    const path = [...within, ...issue.path.filter((part) => typeof part !== "symbol")];
    const value = (message: string): Problem => ({ path, key: false, message: named(path, message) });
    switch (issue.code) {
      case "unrecognized_keys":
        return issue.keys.map((key) => ({ path: [...path, key], key: true, message: `unknown key "${key}"` }));
      case "invalid_key":
        return [{ path, key: true, message: named(path, issue.issues[0]?.message ?? "is not a name we take") }];
      case "invalid_value":
        return [value(`must be ${issue.values.map((one) => JSON.stringify(one)).join(" or ")}`)];
      case "invalid_type":
        return [value(issue.input === undefined ? "is missing" : typeMessage(issue))];
      case "invalid_union":
        return unionProblems(issue.errors, path, value);
      default:
        return [value(issue.message)];
    }
  });
}

/** Of a field that takes one thing or another: what is wrong with the one that was meant. */
function unionProblems(branches: z.core.$ZodIssue[][], path: Path, value: (message: string) => Problem): Problem[] {
  const otherType = (issues: z.core.$ZodIssue[]) =>
    issues.flatMap((issue) => (issue.code === "invalid_type" && issue.path.length === 0 ? [issue] : []));
  const meant = branches.find((issues) => otherType(issues).length === 0);
  if (meant) return shapeProblems({ issues: meant }, path);
  return [
    value(
      `must be ${branches
        .flatMap(otherType)
        .map(({ expected }) => WORDS[expected] ?? expected)
        .join(" or ")}`,
    ),
  ];
}

const WORDS: Record<string, string> = { string: "text", array: "a list", object: "a mapping", record: "a mapping" };

function typeMessage(issue: { expected: string; input?: unknown }): string {
  const quote = issue.expected === "string" && ["number", "boolean"].includes(typeof issue.input);
  return `must be ${WORDS[issue.expected] ?? issue.expected}${quote ? "; put it in quotes" : ""}`;
}

function named(path: Path, message: string): string {
  const name = path.at(-1);
  return name === undefined ? `the file ${message}` : `"${name}" ${message}`;
}

function pointerOf(path: Path): string {
  return path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** Where the path stands, or the nearest thing around it that exists. */
function offsetOf(document: Document, path: Path, wantsKey: boolean): number {
  let node = document.contents as Node | null;
  let key: Node | null = node;
  for (const part of path) {
    const inside = isAlias(node) ? (node.resolve(document) ?? null) : node;
    if (isMap(inside)) {
      const pair = inside.items.find((item) => isScalar(item.key) && String(item.key.value) === String(part));
      if (!pair) return startOf(key);
      key = pair.key as Node;
      node = (pair.value as Node | null) ?? key;
    } else if (isSeq(inside)) {
      const item = inside.items[Number(part)] as Node | undefined;
      if (!item) return startOf(key);
      node = item;
      key = item;
    } else break;
  }
  return startOf(wantsKey ? key : node);
}

function startOf(node: Node | null): number {
  return node?.range?.[0] ?? 0;
}
