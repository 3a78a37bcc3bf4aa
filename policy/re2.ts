import { RE2JS } from "re2js";
import { LIMITS } from "../core/limits.ts";

/** A pattern that runs in time linear to its input, whatever the pattern is. */
export type Pattern = { test(text: string): boolean };

export function compilePattern(text: string): { ok: true; pattern: Pattern } | { ok: false; message: string } {
  if (text.length > LIMITS.policyPatternChars) {
    return { ok: false, message: `the pattern is longer than ${LIMITS.policyPatternChars} characters` };
  }
  try {
    const compiled = RE2JS.compile(text);
    return { ok: true, pattern: { test: (input) => compiled.test(input) } };
  } catch (cause) {
    return { ok: false, message: `the pattern is not RE2 syntax: ${(cause as Error).message}` };
  }
}
