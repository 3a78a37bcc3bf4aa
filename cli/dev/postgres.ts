import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import postgres from "postgres";
import { type Child, ChildDied, startChild, waitUntil } from "./child.ts";
import { isOurs, type PidFile, stopLeftover } from "./pid-file.ts";
import { type PostgresBinaries, postgresBinaries, type RunAs, runAs } from "./postgres-binaries.ts";

export type PostgresOptions = {
  /** Everything of this server lives here: data, superuser password. */
  directory: string;
  port: number;
  logFile: string;
  pidDirectory: string;
  /** Where the binaries go when the server's user cannot reach node_modules. */
  binariesDirectory: string;
  /** `-c` settings, e.g. `fsync=off` for tests. */
  settings: string[];
  signal?: AbortSignal;
};
export type Postgres = { child: Child; url: string };

const START_MS = 30_000;
/** After a kill −9 the old backends hold the shared memory for a moment. */
const START_TRIES = 10;

export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const user = runAs();
  const binaries = postgresBinaries(user, options.binariesDirectory);
  const data = join(options.directory, "data");
  mkdirSync(options.directory, { recursive: true, mode: 0o711 });
  await initialise(binaries, options, data, user);
  await clearStalePid(data);
  const url = `postgres://postgres:${readPassword(options.directory)}@127.0.0.1:${options.port}/postgres`;
  for (let attempt = 1; ; attempt += 1) {
    const child = await startChild({
      name: "postgres",
      command: binaries.postgres,
      args: ["-D", data, ...serverSettings(options).flatMap((setting) => ["-c", setting])],
      env: environment(),
      cwd: options.directory,
      logFile: options.logFile,
      pidDirectory: options.pidDirectory,
      marker: data,
      // Fast shutdown: open connections are closed, everything committed is kept.
      stopSignal: "SIGINT",
      ...abortable(options.signal),
      ...(user ?? {}),
    });
    try {
      await waitUntil(child, () => answers(url), START_MS);
      return { child, url };
    } catch (error) {
      await child.stop();
      if (!(error instanceof ChildDied) || attempt === START_TRIES || !isWorthRetrying(error)) throw error;
      await sleep(1_000);
    }
  }
}

function serverSettings(options: PostgresOptions): string[] {
  return [
    `port=${options.port}`,
    "listen_addresses=127.0.0.1",
    // Sockets in the file system have a short path limit and are one more thing left over after a kill.
    "unix_socket_directories=",
    "max_connections=200",
    ...options.settings,
  ];
}

/** initdb into a directory beside, then rename: a half-made cluster is never taken for a whole one. */
async function initialise(
  binaries: PostgresBinaries,
  { directory, signal }: PostgresOptions,
  data: string,
  user: RunAs,
): Promise<void> {
  if (existsSync(data)) return;
  const making = `${data}.making`;
  rmSync(making, { recursive: true, force: true });
  writeFileSync(passwordFile(directory), randomBytes(24).toString("base64url"), { mode: 0o600 });
  mkdirSync(making, { mode: 0o700 });
  if (user !== null) for (const path of [making, passwordFile(directory)]) chownSync(path, user.uid, user.gid);
  try {
    await promisify(execFile)(
      binaries.initdb,
      [
        ...["-D", making, "--username=postgres", `--pwfile=${passwordFile(directory)}`, "--auth=scram-sha-256"],
        // The builtin provider sorts alike on every machine, whatever its locales.
        ...["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-sync"],
      ],
      { cwd: directory, env: environment(), ...abortable(signal), ...(user ?? {}) },
    );
  } catch (error) {
    rmSync(making, { recursive: true, force: true });
    throw new Error(`initdb failed: ${(error as { stderr?: string }).stderr?.trim() || String(error)}`, {
      cause: error,
    });
  }
  renameSync(making, data);
}

function abortable(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

/** A fixed locale and zone: the server must not depend on whose terminal it was started in. */
function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, LC_ALL: "C", TZ: "UTC" };
}

/** A server of ours that outlived its parent is stopped; a number that now belongs to a stranger is forgotten. */
async function clearStalePid(data: string): Promise<void> {
  const file = join(data, "postmaster.pid");
  if (!existsSync(file)) return;
  const pid = Number.parseInt(readFileSync(file, "utf8"), 10);
  const entry: PidFile = { name: "postgres", pid, marker: data, stopSignal: "SIGINT" };
  if (isOurs(entry)) await stopLeftover(entry);
  else rmSync(file, { force: true });
}

async function answers(url: string): Promise<boolean> {
  const sql = postgres(url, { max: 1, connect_timeout: 2, onnotice: () => {} });
  try {
    await sql`select 1`;
    return true;
  } catch {
    return false;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

function isWorthRetrying(error: ChildDied): boolean {
  return error.logTail.some((line) => /shared memory block|postmaster\.pid|is still in use/.test(line));
}

function passwordFile(directory: string): string {
  return join(directory, "superuser-password");
}

function readPassword(directory: string): string {
  return readFileSync(passwordFile(directory), "utf8").trim();
}
