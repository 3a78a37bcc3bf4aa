import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { GENERATED_BLOCKS, GENERATED_FILES } from "./docs-sources.ts";

/**
 * Writes the parts of docs/ that are made from tables in the code, between
 * `<!-- generated:NAME -->` and `<!-- /generated -->`. With --check it writes nothing and fails on a difference.
 */
const ROOT = join(fileURLToPath(import.meta.url), "../..");
const check = process.argv.includes("--check");
const different: string[] = [];

for (const [file, blocks] of Object.entries(GENERATED_BLOCKS)) {
  const path = join(ROOT, file);
  const before = readFileSync(path, "utf8");
  let after = before;
  for (const [name, markdown] of Object.entries(blocks)) {
    const pattern = new RegExp(`(<!-- generated:${name} -->\\n)[\\s\\S]*?(<!-- /generated -->)`);
    if (!pattern.test(after)) throw new Error(`${file} has no place for the generated part "${name}"`);
    after = after.replace(pattern, (_match, open: string, close: string) => `${open}${markdown().trim()}\n${close}`);
  }
  settle(file, path, before, after);
}
for (const [file, text] of Object.entries(GENERATED_FILES)) {
  const path = join(ROOT, file);
  settle(file, path, readIfThere(path), text());
}

if (different.length > 0 && check) {
  process.stderr.write(`Out of date: ${different.join(", ")}. Run npm run docs and commit the result.\n`);
  process.exitCode = 1;
} else if (!check) {
  process.stdout.write(different.length > 0 ? `Written: ${different.join(", ")}\n` : "Everything was up to date.\n");
}

function settle(file: string, path: string, before: string, after: string): void {
  if (before === after) return;
  different.push(file);
  if (!check) writeFileSync(path, after);
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
