import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isReachable, runAs } from "./postgres-binaries.ts";

/** Root of the clone. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/[\\/]$/, "");

/** Where `npm start` keeps everything of one clone; `npm run reset` removes it. */
export type DevHome = {
  directory: string;
  run: string;
  logs: string;
  exports: string;
  keys: string;
  /** Directory of the Postgres cluster: outside the clone when its user could not get there. */
  postgres: string;
  temporal: string;
};

export function devHome(directory = join(ROOT, ".countersign")): DevHome {
  return {
    directory,
    run: join(directory, "run"),
    logs: join(directory, "logs"),
    exports: join(directory, "exports"),
    keys: join(directory, "keys"),
    postgres: runAs() === null || isReachable(dirname(directory)) ? join(directory, "postgres") : outside(directory),
    temporal: join(directory, "temporal"),
  };
}

/** What may be shared by all clones and thrown away: the Temporal server's binary. */
export function cacheDirectory(env: NodeJS.ProcessEnv = process.env): string {
  const base = env.XDG_CACHE_HOME;
  return join(base !== undefined && base !== "" ? base : join(homedir(), ".cache"), "countersign");
}

/** For root with the clone under a home that nobody else may enter. */
function outside(directory: string): string {
  const name = createHash("sha256").update(directory).digest("hex").slice(0, 12);
  return join(process.platform === "darwin" ? "/usr/local/var" : "/var/lib", "countersign", `dev-${name}`);
}
