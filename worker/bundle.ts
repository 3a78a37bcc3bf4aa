import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleWorkflowCode } from "@temporalio/worker";
import { FAILURE_CONVERTER_PATH } from "../config/temporal.ts";

/**
 * The workflow code as one file, built once for one state of its sources. A production image
 * builds it at build time (`node worker/bundle.ts`); a checkout builds it at the first start.
 */
export async function workflowBundle(): Promise<{ codePath: string }> {
  const file = join(DIRECTORY, `workflows-${digestOfSources()}.js`);
  if (existsSync(file)) return { codePath: file };
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(ROOT, "workflows/index.ts"),
    failureConverterPath: FAILURE_CONVERTER_PATH,
    logger: SILENT,
  });
  mkdirSync(DIRECTORY, { recursive: true });
  const partial = `${file}.${process.pid}`;
  writeFileSync(partial, code);
  renameSync(partial, file);
  for (const name of readdirSync(DIRECTORY)) {
    if (name.startsWith("workflows-") && name.endsWith(".js") && join(DIRECTORY, name) !== file) {
      rmSync(join(DIRECTORY, name), { force: true });
    }
  }
  return { codePath: file };
}

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const DIRECTORY = join(ROOT, "node_modules/.cache/countersign");
const NOTHING = () => undefined;
const SILENT = { log: NOTHING, trace: NOTHING, debug: NOTHING, info: NOTHING, warn: NOTHING, error: NOTHING };

/** Whatever the bundle is made from: workflow code, the core it imports, and the SDK's version. */
function digestOfSources(): string {
  const hash = createHash("sha256");
  for (const folder of ["workflows", "core"]) {
    const names = readdirSync(join(ROOT, folder), { recursive: true }).map(String).sort();
    for (const name of names.filter((name) => name.endsWith(".ts"))) {
      hash.update(`${folder}/${name}\n`).update(readFileSync(join(ROOT, folder, name)));
    }
  }
  hash.update(readFileSync(FAILURE_CONVERTER_PATH));
  hash.update(readFileSync(join(ROOT, "node_modules/@temporalio/workflow/package.json")));
  return hash.digest("hex").slice(0, 16);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { codePath } = await workflowBundle();
  process.stdout.write(`${codePath}\n`);
}
