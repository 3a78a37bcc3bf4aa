import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Made once a clone and kept, so that a second start finds its database, its sessions and its exports. */
export type DevSecrets = { appPassword: string; executorPassword: string; sessionSecret: string; codecToken: string };

export function devSecrets(directory: string): DevSecrets {
  const file = join(directory, "secrets.json");
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")) as DevSecrets;
  const secret = () => randomBytes(32).toString("base64url");
  const secrets = {
    appPassword: secret(),
    executorPassword: secret(),
    sessionSecret: secret(),
    codecToken: secret(),
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
