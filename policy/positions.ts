import { type Document, isAlias, isMap, isScalar, isSeq, type LineCounter, type Node, type Scalar } from "yaml";

export type Path = (string | number)[];
export type Place = { line: number; column: number };

/** Where the parts of one YAML document stand in its file. Lines and columns count from 1. */
export type Places = {
  /** The value at this path, or the nearest thing around it that exists. */
  valueAt(path: Path): Place;
  /** The key itself: for a field that should not be there. */
  keyAt(path: Path): Place;
  /** A character inside a text value, whatever way the text is written. */
  insideAt(path: Path, offset: number): Place;
};

export function placesOf(document: Document, lines: LineCounter, source: string): Places {
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const startOf = (node: Node | null): number => node?.range?.[0] ?? 0;
  return {
    valueAt: (path) => placeOf(startOf(find(document, path).node)),
    keyAt: (path) => placeOf(startOf(find(document, path).key)),
    insideAt(path, offset) {
      const { node } = find(document, path);
      if (!isScalar(node) || typeof node.value !== "string") return placeOf(startOf(node));
      return placeOf(sourceOffset(source, node as Scalar<string>, offset));
    },
  };
}

export function pointerOf(path: Path): string {
  return path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

function find(document: Document, path: Path): { node: Node | null; key: Node | null } {
  let node = document.contents as Node | null;
  let key = node;
  for (const part of path) {
    const inside = isAlias(node) ? (node.resolve(document) ?? null) : node;
    if (isMap(inside)) {
      const pair = inside.items.find((item) => isScalar(item.key) && String(item.key.value) === String(part));
      if (!pair) break;
      key = pair.key as Node;
      node = (pair.value as Node | null) ?? key;
    } else if (isSeq(inside)) {
      const item = inside.items[Number(part)] as Node | undefined;
      if (!item) break;
      node = item;
      key = item;
    } else break;
  }
  return { node, key };
}

/**
 * Walks text and source side by side. Runs of white space are taken as a whole, because folding,
 * indentation and block styles differ in nothing else; escapes are taken one by one.
 */
function sourceOffset(source: string, scalar: Scalar<string>, offset: number): number {
  const text = scalar.value;
  let at = contentStart(source, scalar);
  let done = 0;
  while (done < Math.min(offset, text.length)) {
    const escaped = escapeLength(source, at, scalar.type);
    if (escaped) {
      at += escaped.source;
      done += escaped.text;
    } else if (isSpace(text[done])) {
      while (isSpace(text[done])) done += 1;
      while (isSpace(source[at])) at += 1;
    } else {
      at += 1;
      done += 1;
    }
  }
  return at;
}

function contentStart(source: string, scalar: Scalar<string>): number {
  const start = scalar.range?.[0] ?? 0;
  if (scalar.type === "QUOTE_DOUBLE" || scalar.type === "QUOTE_SINGLE") return start + 1;
  if (scalar.type !== "BLOCK_LITERAL" && scalar.type !== "BLOCK_FOLDED") return start;
  let at = source.indexOf("\n", start) + 1;
  while (isSpace(source[at])) at += 1;
  return at;
}

/** How many characters of source and of text an escape at this place takes. */
function escapeLength(source: string, at: number, type: Scalar["type"]): { source: number; text: number } | null {
  if (type === "QUOTE_SINGLE" && source.startsWith("''", at)) return { source: 2, text: 1 };
  if (type !== "QUOTE_DOUBLE" || source[at] !== "\\") return null;
  switch (source[at + 1]) {
    case "x":
      return { source: 4, text: 1 };
    case "u":
      return { source: 6, text: 1 };
    case "U":
      return { source: 10, text: Number.parseInt(source.slice(at + 2, at + 10), 16) > 0xffff ? 2 : 1 };
    case "\n":
      return { source: 2 + (/^[ \t]*/.exec(source.slice(at + 2))?.[0].length ?? 0), text: 0 };
    default:
      return { source: 2, text: 1 };
  }
}

function isSpace(character: string | undefined): boolean {
  return character === " " || character === "\n" || character === "\t" || character === "\r";
}
