import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Made once a clone and kept, so that a second start finds its database, its sessions and its exports. */
export type DevSecrets = {
  appPassword: string;
  executorPassword: string;
  sessionSecret: string;
  codecToken: string;
  surfaceSecret: string;
};

export function devSecrets(directory: string): DevSecrets {
  const file = join(directory, "secrets.json");
  const known = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Partial<DevSecrets>) : {};
  const secret = () => randomBytes(32).toString("base64url");
  // A clone that was started before gets those that have come since.
  const secrets: DevSecrets = {
    appPassword: known.appPassword ?? secret(),
    executorPassword: known.executorPassword ?? secret(),
    sessionSecret: known.sessionSecret ?? secret(),
    codecToken: known.codecToken ?? secret(),
    surfaceSecret: known.surfaceSecret ?? secret(),
  };
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  writeSecretFile(file, JSON.stringify(secrets));
  return secrets;
}

/** Whole or not at all, and for nobody else to read. */
export function writeSecretFile(file: string, text: string): void {
  const half = `${file}.${process.pid}`;
  writeFileSync(half, text, { mode: 0o600 });
  renameSync(half, file);
}
