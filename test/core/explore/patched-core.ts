import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Planted } from "./planted.ts";
import type { Core } from "./position.ts";

const CORE = fileURLToPath(new URL("../../../core", import.meta.url));

/** A copy of core with one rule broken, loaded beside the real one. */
export async function coreWith({ rule, file, text, instead }: Planted): Promise<Core> {
  const folder = mkdtempSync(join(tmpdir(), "countersign-planted-"));
  try {
    cpSync(CORE, folder, { recursive: true, filter: (path) => path === CORE || path.endsWith(".ts") });
    const source = readFileSync(join(folder, file), "utf8");
    const times = source.split(text).length - 1;
    if (times !== 1) throw new Error(`"${rule}": ${file} has the text ${times} times, not once: ${text}`);
    writeFileSync(
      join(folder, file),
      source.replace(text, () => instead),
    );
    return (await import(/* @vite-ignore */ pathToFileURL(join(folder, "deliberation.ts")).href)) as Core;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
