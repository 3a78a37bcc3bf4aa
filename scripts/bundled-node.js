// Plain JavaScript that an older Node runs too: it gets the packages and the Node the rest needs.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url)).replace(/[\\/]$/, "");
const bin = join(root, "node_modules", ".bin");

/** `npm ci` when the installed packages are older than the lock file, or not there. */
export function installIfNeeded() {
  const installed = modifiedAt(join(root, "node_modules", ".package-lock.json"));
  if (installed !== null && installed >= (modifiedAt(join(root, "package-lock.json")) ?? 0)) return;
  process.stderr.write("Installing packages (once; about half a minute)…\n");
  const startedAt = Date.now();
  const [command, ...first] = npm();
  const result = spawnSync(command, [...first, "ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    shell: process.platform === "win32",
  });
  if (result.status !== 0) {
    process.stderr.write(`${reasonOf(result)}\n`);
    process.exit(3);
  }
  process.stderr.write(`Installed packages in ${((Date.now() - startedAt) / 1000).toFixed(1)} s.\n`);
}

/** The Node that runs TypeScript: this one when it is new enough, else the one among the packages. */
export function nodePath() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return process.execPath;
  const bundled = join(bin, process.platform === "win32" ? "node.cmd" : "node");
  if (existsSync(bundled)) return bundled;
  process.stderr.write(
    `This needs Node 22.18 or later, there is ${process.versions.node}, and no newer one came with the packages ` +
      `for ${process.platform}-${process.arch}: install a newer Node.\n`,
  );
  process.exit(3);
}

/** What children see: our programs first, so that `node` is the same everywhere below. */
export function environment() {
  return { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ""}` };
}

/**
 * Runs a program in the foreground and ends as it ends. A signal is passed on and waited for, never
 * acted on here: the child has things to stop in order.
 */
export function runInForeground(args) {
  const child = spawn(nodePath(), args, { cwd: root, stdio: "inherit", env: environment() });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill("SIGTERM"));
  // npm that is told to stop takes its shell along and leaves us behind: then nobody wants this any more.
  const parent = process.ppid;
  if (process.env.npm_lifecycle_event !== undefined) {
    setInterval(() => process.ppid !== parent && child.kill("SIGTERM"), 1_000).unref();
  }
  child.on("error", (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 1)));
}

function npm() {
  const script = process.env.npm_execpath;
  return script?.endsWith(".js") ? [process.execPath, script] : ["npm"];
}

function modifiedAt(file) {
  return existsSync(file) ? statSync(file).mtimeMs : null;
}

function reasonOf({ error, stderr, stdout }) {
  const text = `${error?.message ?? ""}\n${stderr ?? ""}\n${stdout ?? ""}`;
  if (/ENOSPC/.test(text)) return "The packages could not be installed: the disk is full. Free 1.5 GB and start again.";
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ECONNRESET|ENETUNREACH|ENOTCACHED/.test(text)) {
    return "The packages could not be installed: the package registry cannot be reached. Check the network and start again.";
  }
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return `The packages could not be installed (npm ci):\n${lines.slice(0, 12).join("\n")}`;
}
