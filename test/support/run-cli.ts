import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

export type CliRun = { code: number | null; stdout: string; stderr: string };

const MAIN = fileURLToPath(new URL("../../cli/main.ts", import.meta.url));

/** Runs the real command line as a process of its own, in an empty directory, with only this environment. */
export async function runCli(
  args: string[],
  { env = {}, input = "", cwd }: { env?: { [name: string]: string }; input?: string; cwd?: string } = {},
): Promise<CliRun> {
  const empty = mkdtempSync(join(tmpdir(), "countersign-cli-"));
  try {
    const child = spawn(process.execPath, [MAIN, ...args], {
      cwd: cwd ?? empty,
      env: { PATH: process.env.PATH ?? "", ...env },
    });
    child.stdin.on("error", () => {});
    child.stdin.end(input);
    const code = new Promise<number | null>((resolve) => child.on("close", resolve));
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    return { code: await code, stdout, stderr };
  } finally {
    rmSync(empty, { recursive: true });
  }
}
