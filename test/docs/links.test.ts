import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const PAGES = ["README.md", "CONTRIBUTING.md", ...readdirSync(join(root, "docs")).map((name) => `docs/${name}`)].filter(
  (name) => name.endsWith(".md"),
);

describe.each(PAGES)("%s", (page) => {
  const links = linksOf(readFileSync(join(root, page), "utf8"));

  test("links to files and pictures that are there", () => {
    const missing = links
      .map(({ file }) => file)
      .filter((file) => file !== "" && !existsSync(resolve(root, dirname(page), file)));
    expect(missing).toEqual([]);
  });

  test("links to headings that are there", () => {
    const missing = links.filter(({ file, heading }) => {
      const target = file === "" ? join(root, page) : resolve(root, dirname(page), file);
      if (heading === null || !target.endsWith(".md") || !existsSync(target)) return false;
      return !headingsOf(readFileSync(target, "utf8")).includes(heading);
    });
    expect(missing).toEqual([]);
  });
});

test("every picture of Slack is shown by docs/SLACK.md", () => {
  const shown = linksOf(readFileSync(join(root, "docs/SLACK.md"), "utf8")).map(({ file }) => file);
  const unseen = readdirSync(join(root, "docs/images/slack")).filter((name) => !shown.includes(`images/slack/${name}`));
  expect(unseen).toEqual([]);
});

type Link = { file: string; heading: string | null };

/** What stands in brackets, of this repository; code is not read. */
function linksOf(markdown: string): Link[] {
  const text = markdown.replace(/^```[\s\S]*?^```/gm, "").replace(/`[^`\n]*`/g, "");
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [file = "", heading = null] = target.split("#");
      return { file, heading };
    });
}

/** As a forge names them. */
function headingsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}
