// `npm run check`: everything that must hold of the source without running it.
import { spawn } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { environment, installIfNeeded, nodePath, root } from "./bundled-node.js";

const AT_ONCE = 2;

installIfNeeded();
const steps = [
  program("types", "typescript/bin/tsc", "-p", "."),
  ...folderProjects().map((folder) => program(`types of ${folder}`, "typescript/bin/tsc", "-p", folder)),
  program("format and lint", "@biomejs/biome/bin/biome", "ci", "--colors=off", "--error-on-warnings", "."),
  program(
    "who imports whom",
    "dependency-cruiser/bin/dependency-cruiser.mjs",
    "--config",
    ".dependency-cruiser.cjs",
    ".",
  ),
  program("unused code", "knip/bin/knip.js", "--no-progress"),
  { name: "house rules", args: [join("scripts", "house-rules.ts")] },
  { name: "generated docs", args: [join("scripts", "docs.ts"), "--check"] },
];
const failed = await runAll(steps);
const counts = { passed: steps.length - failed.length, failed: failed.length };
const report = process.argv.indexOf("--report");
if (report > 0) writeFileSync(process.argv[report + 1], JSON.stringify(counts));
process.stdout.write(
  failed.length === 0
    ? `All ${steps.length} checks hold.\n`
    : `${failed.length} of ${steps.length} failed: ${failed.join(", ")}.\n`,
);
process.exit(failed.length === 0 ? 0 : 1);

function program(name, file, ...args) {
  return { name, args: [join("node_modules", ...file.split("/")), ...args] };
}

/** Folders with a tsconfig of their own, stricter than the whole's. */
function folderProjects() {
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, entry.name, "tsconfig.json")))
    .map((entry) => entry.name)
    .filter((name) => name !== "node_modules");
}

async function runAll(all) {
  const waiting = [...all];
  const broken = [];
  const work = async () => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      if (!(await run(step))) broken.push(step.name);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return broken;
}

function run({ name, args }) {
  const startedAt = Date.now();
  return new Promise((resolve) => {
    const child = spawn(nodePath(), args, {
      cwd: root,
      env: { ...environment(), NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const output = [];
    child.stdout.on("data", (chunk) => output.push(chunk));
    child.stderr.on("data", (chunk) => output.push(chunk));
    child.on("error", (error) => output.push(Buffer.from(error.message)));
    child.on("close", (code) => {
      const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
      process.stdout.write(`${code === 0 ? "✓" : "✗"} ${name} (${seconds} s)\n`);
      if (code !== 0) process.stdout.write(`${Buffer.concat(output).toString("utf8").trimEnd()}\n`);
      resolve(code === 0);
    });
  });
}
