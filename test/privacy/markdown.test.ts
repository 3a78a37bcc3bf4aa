import fc from "fast-check";
import { expect, test } from "vitest";
import { markdownBlock, markdownLine } from "../../privacy/markdown.ts";

const hostile = fc
  .array(
    fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.constantFrom(
        "[x](https://evil.example)",
        "![x](y)",
        "<script>",
        "# h",
        "www.evil.example",
        "\n\n---\n",
        "````",
        "\u202e",
        "\\",
      ),
    ),
  )
  .map((parts) => parts.join(""));

test("a line holds no Markdown that still works, no address and no line break", () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const line = markdownLine(text, 500);
      expect(line).not.toMatch(/[\n\r\u202e]/);
      // Pairs of a backslash and what it escapes go first; nothing that Markdown reads may be left.
      expect(line.replaceAll(/\\[\s\S]/g, "")).not.toMatch(/[\\`*_{}[\]()#+\-!|~<>&@]/);
      expect(line).not.toMatch(/:\/\/|www\./i);
    }),
  );
});

test("a block cannot be closed from inside", () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const lines = markdownBlock(text, 500, "json").split("\n");
      const fence = /^`{3,}/.exec(lines[0] ?? "")?.[0] ?? "";
      expect(lines.at(-1)).toBe(fence);
      expect(lines.slice(1, -1).some((line) => line.includes(fence))).toBe(false);
    }),
  );
});

test("ordinary text reads as it is", () => {
  expect(markdownLine("quarterly report for finance", 100)).toBe("quarterly report for finance");
  expect(markdownBlock("select 1", 100, "sql")).toBe("```sql\nselect 1\n```");
  expect(markdownLine("x".repeat(12), 10)).toBe("xxxxxxxxxx… \\[2 more characters\\]");
});
