import type { Document, LineCounter } from "yaml";
import type { Finding } from "../core/errors.ts";
import { type Path, type Place, placesOf, pointerOf } from "./positions.ts";

/** Makes a finding about one part of one document. */
export type Where = {
  value(path: Path, message: string): Finding;
  key(path: Path, message: string): Finding;
  inside(path: Path, offset: number, message: string): Finding;
  placeOf(path: Path): Place;
};

export type YamlSource = { file: string; text: string; lines: LineCounter };

/** A document as JSON, with what it takes to point into its file. */
export function readDocument(
  document: Document,
  source: YamlSource,
): { ok: true; json: unknown; where: Where } | { ok: false; findings: Finding[] } {
  const where = whereIn(document, source);
  // A warning of the parser (an unknown tag, say) means that it guessed; policies are not guessed.
  const problems = [...document.errors, ...document.warnings];
  if (problems.length > 0) {
    const findings = problems.map((problem): Finding => {
      const { line, col } = source.lines.linePos(problem.pos[0]);
      return { message: problem.message, pointer: null, file: source.file, line, column: col };
    });
    return { ok: false, findings };
  }
  try {
    return { ok: true, json: document.toJS(), where };
  } catch (cause) {
    return { ok: false, findings: [where.value([], `The YAML cannot be read: ${(cause as Error).message}`)] };
  }
}

function whereIn(document: Document, { file, text, lines }: YamlSource): Where {
  const places = placesOf(document, lines, text);
  const finding = (path: Path, message: string, place: Place): Finding => {
    return { message, pointer: pointerOf(path), file, line: place.line, column: place.column };
  };
  return {
    value: (path, message) => finding(path, message, places.valueAt(path)),
    key: (path, message) => finding(path, message, places.keyAt(path)),
    inside: (path, offset, message) => finding(path, message, places.insideAt(path, offset)),
    placeOf: (path) => places.valueAt(path),
  };
}
