import fc from "fast-check";
import { expect, test } from "vitest";
import { LIMITS } from "../../core/limits.ts";
import { literal, literalBlock, literalParts } from "../../privacy/literal.ts";

/** Any text, with many of the characters that people abuse. */
const hostile = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ unit: "grapheme" }),
      fc.constantFrom(
        "\u202e",
        "\u2066",
        "\u200b",
        "\u200d",
        "\ufeff",
        "\u00ad",
        "\u0007",
        "\u001b[2J",
        "\r",
        "\n",
        "\t",
      ),
      fc.constantFrom(
        "\u{e0041}",
        "\u3164",
        "\u2800",
        "\u00a0",
        "\ud800",
        "\udc00",
        "\\u{202e}",
        "\\",
        "a\u0301\u0301",
      ),
    ),
  )
  .map((parts) => parts.join(""));

const INVISIBLE = /(?! )[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/u;

test("what is shown holds no control, bidirectional or invisible character", () => {
  fc.assert(
    fc.property(hostile, (text) => {
      expect(literal(text)).not.toMatch(INVISIBLE);
      expect(literalBlock(text).replaceAll(/[\n\t]/g, "")).not.toMatch(INVISIBLE);
    }),
    { numRuns: 500 },
  );
});

test("two different texts never look the same", () => {
  const show = (text: string) => literalParts(text, { maxChars: 100_000, lines: false }).shown;
  const back = (shown: string) =>
    shown.replaceAll(/\\u\{([0-9a-f]+)\}/g, (_, hex) => String.fromCodePoint(Number.parseInt(hex, 16)));
  fc.assert(
    fc.property(hostile, (text) => {
      expect(back(show(text))).toBe(text);
    }),
    { numRuns: 500 },
  );
});

test("ordinary text of any language stays as it is", () => {
  for (const text of ["Export 12,400 rows", "naïve café", "Ελληνικά", "日本語", "हिन्दी", "עברית", "C:\\users\\x"]) {
    expect(literal(text)).toBe(text);
  }
  const sql = "select id,\n\temail\nfrom customers";
  expect(literalBlock(sql)).toBe(sql);
  expect(literal(sql)).toBe("select id,\\u{a}\\u{9}email\\u{a}from customers");
});

test("a text that would turn the line around shows what it does", () => {
  expect(literal("approve\u202egnihton")).toBe("approve\\u{202e}gnihton");
  expect(literal("a\u0000b\u001b[31m")).toBe("a\\u{0}b\\u{1b}[31m");
  expect(literal("\\u{202e}")).toBe("\\u{5c}u{202e}");
});

test("accents that would cover other lines are shown as escapes", () => {
  const mark = "\u0301";
  expect(literal(`a${mark.repeat(5)}`)).toBe(`a${mark.repeat(3)}\\u{301}\\u{301}`);
  expect(literal(`${mark}a`)).toBe("\\u{301}a");
  expect(literalBlock(`a\n${mark}b`)).toBe("a\n\\u{301}b");
});

test("a long text is cut, and says how much is missing", () => {
  expect(literal("x".repeat(15), 10)).toBe("xxxxxxxxxx… [5 more characters]");
  expect(literalBlock("x".repeat(15), 10)).toBe("xxxxxxxxxx…\n[5 more characters]");
  expect(literalParts("x".repeat(15), { maxChars: 10, lines: false })).toEqual({ shown: "x".repeat(10), omitted: 5 });
  expect(literal("x".repeat(10), 10)).toBe("xxxxxxxxxx");
});

test("whatever the text, what is shown is bounded and never ends inside an escape", () => {
  fc.assert(
    fc.property(hostile, fc.nat(200), (text, maxChars) => {
      const { shown, omitted } = literalParts(text, { maxChars, lines: true });
      expect(shown.length).toBeLessThanOrEqual(maxChars);
      const whole = literalParts(text, { maxChars: LIMITS.bodyBytes, lines: true }).shown;
      expect(whole.startsWith(shown)).toBe(true);
      expect(shown).not.toMatch(/\\u\{[0-9a-f]*$/);
      expect(omitted === 0).toBe(shown === whole);
    }),
  );
});
