import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CountersignError } from "../core/errors.ts";
import type { Environment } from "./env-reader.ts";
import type { ExecutorSettings } from "./settings.ts";

/**
 * The value of a secret that a target names: from the variable NAME, from the file that NAME_FILE
 * names, or from the file NAME in the secrets directory, in this order. The configuration cannot
 * name a secret of the process itself, or a file elsewhere.
 */
export function resolveSecret(
  settings: Pick<ExecutorSettings, "secretsDirectory">,
  name: string,
  env: Environment = process.env,
): string {
  if (!isSecretName(name)) throw missing(name, "is not a name that a target's secret may have.");
  if (env[name]) return env[name];
  const path = env[`${name}_FILE`] || (settings.secretsDirectory ? join(settings.secretsDirectory, name) : null);
  if (path === null) {
    throw missing(name, `is not set. Set the variable ${name} or ${name}_FILE, or COUNTERSIGN_SECRETS_DIR.`);
  }
  const value = readValue(name, path);
  if (value === "") throw missing(name, `is empty in the file ${path}.`);
  return value;
}

/** Names of targets' secrets are apart from the names of our own settings, Slack's, Temporal's and Node's. */
export function isSecretName(name: string): boolean {
  return /^[A-Z][A-Z0-9_]{0,99}$/.test(name) && !/^(COUNTERSIGN|SLACK|TEMPORAL|NODE)_|_FILE$/.test(name);
}

function readValue(name: string, path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? "error";
    throw missing(name, `is neither a variable nor a file this process can read: ${path} (${code}).`);
  }
}

function missing(name: string, what: string): CountersignError {
  return new CountersignError("CONFIGURATION_INVALID", `The secret ${JSON.stringify(name)} ${what}`);
}
