import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const root = new URL("../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), "utf8");
const page = read("docs/ADDING-AN-ACTION.md");

/** Where each file of the page lives here, with imports that lead from there. */
const SOURCES: Record<string, string> = {
  "actions/postgres-count/schema.ts": "test/fixtures/adding-an-action/postgres-count/schema.ts",
  "actions/postgres-count/ask.ts": "test/fixtures/adding-an-action/postgres-count/ask.ts",
  "actions/postgres-count/describe.ts": "test/fixtures/adding-an-action/postgres-count/describe.ts",
  "actions/postgres-count/execute.ts": "test/fixtures/adding-an-action/postgres-count/execute.ts",
  "test/actions/postgres-count.test.ts": "test/actions/postgres-count.test.ts",
};
const blocks = [...page.matchAll(/\*\*`([^`]+\.ts)`\*\*\n\n```ts\n(.*?)```/gs)].map(([, path = "", text = ""]) => ({
  path,
  text,
}));
const diffs = [...page.matchAll(/In `(actions\/\w+\.ts)`.*?(?=\nIn `|\n`npm run docs`)/gs)].flatMap(
  ([section, path = ""]) => [...section.matchAll(/```diff\n(.*?)```/gs)].map(([, diff = ""]) => ({ path, diff })),
);

test("the page shows every file of the example, and nothing else", () => {
  expect(blocks.map(({ path }) => path).sort()).toEqual(Object.keys(SOURCES).sort());
});

test.each(blocks)("$path on the page is what is compiled and run here", ({ path, text }) => {
  const source = read(SOURCES[path] ?? "")
    .replaceAll('"../../../../actions/', '"../')
    .replaceAll('"../../../../', '"../../')
    .replaceAll('"../fixtures/adding-an-action/', '"../../actions/');
  // The formatter sorts imports by where they lead, which is the one thing that differs.
  expect(text.split("\n").sort()).toEqual(source.split("\n").sort());
});

test("each change the page asks for fits the file as it is", () => {
  expect(diffs.map(({ path }) => path)).toEqual([
    "actions/catalogue.ts",
    "actions/catalogue.ts",
    "actions/registry.ts",
  ]);
  for (const { path, diff } of diffs) {
    const before = diff.split("\n").filter((line) => !line.startsWith("+"));
    expect(read(path)).toContain(
      before
        .map((line) => line.slice(1))
        .join("\n")
        .trimEnd(),
    );
  }
});

test("every file the page names is there", () => {
  const named = [...page.matchAll(/\b((?:core|config|actions)\/[\w-]+(?:\/[\w-]+)?\.(?:ts|yaml))\b/g)].map(
    ([path]) => path,
  );
  expect(named.length).toBeGreaterThan(5);
  for (const path of named) expect(() => read(SOURCES[path] ?? path)).not.toThrow();
});
