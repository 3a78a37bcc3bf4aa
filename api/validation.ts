import type { FastifyError } from "fastify";
import type { z } from "zod";
import { CountersignError, type Finding } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";

/** What the schemas of routes refuse, as errors of our own table. */
export function validationError(error: Pick<FastifyError, "validation" | "validationContext">): CountersignError {
  const issues = (error.validation ?? []).map((issue) => ({
    path: issue.instancePath.split("/").filter((part) => part !== ""),
    message: issue.message ?? "is not valid",
    keys: Array.isArray(issue.params.keys) ? issue.params.keys.map(String) : [],
  }));
  const findings = issues.flatMap(findingsOf);
  const detail = sentenceOf(findings);
  const [first] = findings;
  const name = (first?.pointer ?? "").slice(1);
  switch (error.validationContext) {
    case "params":
      return new CountersignError("NOT_FOUND", "");
    case "headers":
      return new CountersignError(name === "idempotency-key" ? "KEY_REQUIRED" : "MALFORMED", HEADER_DETAIL, {
        pointer: name,
      });
    case "querystring":
      return new CountersignError("MALFORMED", detail, { pointer: `?${name}`, findings });
    default:
      return new CountersignError("MALFORMED", detail, { pointer: first?.pointer ?? "", findings });
  }
}

/** What an action's own schema refuses; pointers start at `/arguments`. */
export function argumentsError(error: z.ZodError): CountersignError {
  const findings = error.issues.flatMap((issue) =>
    findingsOf({
      path: ["arguments", ...issue.path.map(String)],
      message: issue.message,
      keys: issue.code === "unrecognized_keys" ? issue.keys : [],
    }),
  );
  return new CountersignError("ARGUMENTS_INVALID", sentenceOf(findings), {
    pointer: findings[0]?.pointer ?? "/arguments",
    findings,
  });
}

/**
 * JSON can say things a database, a digest or a stack cannot take: NUL, half a surrogate pair,
 * infinite numbers, bottomless nesting. Throws MALFORMED with the place.
 */
export function assertStorable(body: unknown): void {
  const open: { value: unknown; pointer: string; depth: number }[] = [{ value: body, pointer: "", depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, pointer, depth } = next;
    if (typeof value === "string") assertText(value, pointer);
    if (typeof value === "number" && !Number.isFinite(value)) throw malformed("The number is out of range.", pointer);
    if (typeof value !== "object" || value === null) continue;
    if (depth >= LIMITS.jsonDepth) throw malformed(`Nested deeper than ${LIMITS.jsonDepth} levels.`, pointer);
    for (const [key, child] of Object.entries(value)) {
      assertText(key, pointer);
      open.push({ value: child, pointer: `${pointer}/${escapePointer(key)}`, depth: depth + 1 });
    }
  }
}

const HEADER_DETAIL = `Send 1 to ${LIMITS.idempotencyKeyChars} printable ASCII characters without spaces.`;

function assertText(text: string, pointer: string): void {
  if (text.includes("\u0000")) throw malformed("The text contains a NUL character.", pointer);
  if (/\p{Surrogate}/u.test(text)) throw malformed("The text contains half a surrogate pair.", pointer);
}

function malformed(detail: string, pointer: string): CountersignError {
  return new CountersignError("MALFORMED", detail, { pointer });
}

function findingsOf(issue: { path: string[]; message: string; keys: string[] }): Finding[] {
  const paths = issue.keys.length === 0 ? [issue.path] : issue.keys.map((key) => [...issue.path, key]);
  const message = issue.keys.length === 0 ? issue.message : "This field is not known here.";
  return paths.map((path) => ({
    message,
    pointer: path.map((part) => `/${escapePointer(part)}`).join(""),
    file: null,
    line: null,
    column: null,
  }));
}

function sentenceOf(findings: Finding[]): string {
  return findings.map(({ pointer, message }) => `${pointer || "body"}: ${message}`).join("; ");
}

/** RFC 6901. */
function escapePointer(part: string): string {
  return part.replaceAll("~", "~0").replaceAll("/", "~1");
}
