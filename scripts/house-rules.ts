import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Rules of the house that no other tool knows. Prints one line a breach; exits 1 when there is one. */
const root = fileURLToPath(new URL("..", import.meta.url));
const MAX_LINES = 300;
const SOURCE = /\.(ts|js|cjs|mjs|css)$/;

const FORBIDDEN: { files: RegExp; text: RegExp; why: string }[] = [
  { files: /^core\//, text: /\bMath\.random\b/, why: "core has no randomness" },
  { files: SOURCE, text: /\b(TODO|FIXME|XXX)\b|not implemented/i, why: "room, not stubs: finish it or leave it out" },
  {
    files: /^test\/.*\.ts$/,
    text: /\b(test|it|describe)\.(skip|only|todo)\b/,
    why: "a test that does not run keeps no promise",
  },
  { files: /\/(utils|helpers|manager|misc|common)\.ts$/, text: /^/, why: "a file is named after its idea" },
];

const breaches: string[] = [];
for (const file of sourceFiles()) {
  const lines = readFileSync(`${root}${file}`, "utf8").split("\n");
  if (lines.at(-1) === "") lines.pop();
  if (lines.length > MAX_LINES) breaches.push(`${file}: ${lines.length} lines; the limit is ${MAX_LINES}`);
  for (const rule of FORBIDDEN.filter((one) => one.files.test(file))) {
    const at = lines.findIndex((line) => rule.text.test(line));
    if (at >= 0) breaches.push(`${file}:${at + 1}: ${rule.why}`);
  }
}
for (const breach of breaches) process.stdout.write(`${breach}\n`);
process.exitCode = breaches.length === 0 ? 0 : 1;

function sourceFiles(): string[] {
  const list = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
  });
  return list.split("\0").filter((file) => SOURCE.test(file) && file !== "scripts/house-rules.ts");
}
