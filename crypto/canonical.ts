import canonicalize from "canonicalize";
import { CountersignError } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";

/**
 * RFC 8785 canonical JSON: one text for one value, whatever the order of keys. What is not JSON
 * (undefined, NaN, a Date, a lone surrogate) is refused, because two readers could take it for
 * two different values and a digest would then name both.
 */
export function canonicalJson(value: unknown): string {
  refuseWhatIsNotJson(value, "", 0);
  const text = canonicalize(value);
  if (text === undefined) throw notJson("", "nothing that JSON can say");
  return text;
}

/** With the flag u a pair counts as one character, so this finds halves only. */
const LONE_SURROGATE = /\p{Surrogate}/u;

function refuseWhatIsNotJson(value: unknown, pointer: string, depth: number): void {
  if (depth > LIMITS.jsonDepth) throw notJson("", `nested deeper than ${LIMITS.jsonDepth} levels`);
  switch (typeof value) {
    case "boolean":
      return;
    case "number":
      if (!Number.isFinite(value)) throw notJson(pointer, `${value}, which JSON has no word for`);
      return;
    case "string":
      if (LONE_SURROGATE.test(value)) throw notJson(pointer, "text with half of a character (a lone surrogate)");
      return;
    case "object":
      if (value !== null) refuseInside(value, pointer, depth);
      return;
    default:
      throw notJson(pointer, `a value of type ${typeof value}`);
  }
}

function refuseInside(value: object, pointer: string, depth: number): void {
  if (Array.isArray(value)) {
    // By index: forEach would step over the holes of a sparse array.
    for (let index = 0; index < value.length; index++) {
      refuseWhatIsNotJson(value[index], `${pointer}/${index}`, depth + 1);
    }
    return;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  // Objects of another realm (a worker thread, a test runner) have an Object.prototype of their own.
  const plain = prototype === null || Object.getPrototypeOf(prototype) === null;
  if (!plain || typeof (value as { toJSON?: unknown }).toJSON === "function") {
    throw notJson(pointer, "an object that is not plain data");
  }
  for (const [key, inner] of Object.entries(value)) {
    const place = `${pointer}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    if (LONE_SURROGATE.test(key)) throw notJson(pointer, "a key with half of a character (a lone surrogate)");
    refuseWhatIsNotJson(inner, place, depth + 1);
  }
}

function notJson(pointer: string, what: string): CountersignError {
  return new CountersignError("MALFORMED", `This is ${what}.`, { pointer });
}
