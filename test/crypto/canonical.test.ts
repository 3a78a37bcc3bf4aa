import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import { LIMITS } from "../../core/limits.ts";
import { canonicalJson } from "../../crypto/canonical.ts";

const json = fc.jsonValue({ maxDepth: 5 });

test("the order of keys never matters", () => {
  fc.assert(
    fc.property(json, (value) => {
      expect(canonicalJson(reversed(value))).toBe(canonicalJson(value));
    }),
  );
});

test("canonical text reads back as the same value, and as the same text", () => {
  fc.assert(
    fc.property(json, (value) => {
      const text = canonicalJson(value);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(canonicalJson(JSON.parse(text))).toBe(text);
    }),
  );
});

test("two values have one text exactly when they are the same value", () => {
  const pairs = fc.oneof(
    fc.tuple(json, json),
    json.map((value): [unknown, unknown] => [value, reversed(value)]),
  );
  fc.assert(
    fc.property(pairs, ([one, other]) => {
      expect(canonicalJson(one) === canonicalJson(other)).toBe(isDeepStrictEqual(stored(one), stored(other)));
    }),
  );
});

test("the example of RFC 8785 comes out as the RFC prints it", () => {
  const input = {
    numbers: [Number("333333333.33333329"), 1e30, 4.5, 2e-3, 1e-27],
    string: '\u20ac$\u000f\nA\'B"\\\\"/',
    literals: [null, true, false],
  };
  expect(canonicalJson(input)).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
      '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  );
});

test("keys are sorted by UTF-16 code units, as the RFC says", () => {
  expect(
    canonicalJson({ "\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\ud83d\ude00": 5, "\u0080": 6, "\u00f6": 7 }),
  ).toBe('{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"\ud83d\ude00":5,"\ufb33":3}');
});

test("minus zero is zero, in the text as in every store the value passes", () => {
  expect(canonicalJson({ rows: -0 })).toBe('{"rows":0}');
});

test.each([
  ["NaN", { rows: Number.NaN }],
  ["infinity", [Number.POSITIVE_INFINITY]],
  ["undefined", { rows: undefined }],
  ["undefined alone", undefined],
  ["a hole in a list", new Array(3)],
  ["a big integer", { rows: 1n }],
  ["a function", { rows: () => 1 }],
  ["a symbol", { rows: Symbol("rows") }],
  ["a date", { at: new Date(0) }],
  ["a map", { rows: new Map() }],
  ["an object that speaks for itself", { rows: { toJSON: () => 1 } }],
  ["half of a character", { name: "a\ud83d" }],
  ["half of a character in a key", { "a\ude00": 1 }],
])("%s is refused", (_what, value) => {
  expect(() => canonicalJson(value)).toThrow(expect.objectContaining({ code: "MALFORMED" }));
});

test("a refusal points at the place", () => {
  expect(() => canonicalJson({ "a/b": [{ "c~d": Number.NaN }] })).toThrow(
    expect.objectContaining({ pointer: "/a~1b/0/c~0d" }),
  );
});

test("nesting without end is refused before the stack gives way", () => {
  let value: unknown = 1;
  for (let depth = 0; depth < 100_000; depth++) value = [value];
  expect(() => canonicalJson(value)).toThrow(expect.objectContaining({ code: "MALFORMED" }));
  let deepest: unknown = 1;
  for (let depth = 0; depth < LIMITS.jsonDepth; depth++) deepest = [deepest];
  expect(canonicalJson(deepest)).toContain("[[1]]");
  const circle: unknown[] = [];
  circle.push(circle);
  expect(() => canonicalJson(circle)).toThrow(expect.objectContaining({ code: "MALFORMED" }));
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, reversed(inner)]),
  );
}

function stored(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
