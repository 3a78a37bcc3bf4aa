import { existsSync, linkSync, mkdirSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CountersignError } from "../core/errors.ts";
import { loadKeyring, newKeyringFile } from "../crypto/keyring.ts";
import { generateKey, type PrivateJwk } from "../crypto/signature.ts";
import { loadSigningKey, loadTrust } from "../crypto/trust-file.ts";
import { PURPOSES, type Purpose, type TrustedKey } from "../crypto/types.ts";

/** The key files of a development set-up, in the form that every process reads. */
export type DevelopmentKeys = {
  apiSigningKeyFile: string;
  operatorKeyFile: string;
  trustFile: string;
  payloadKeyringFile: string;
};

/**
 * Makes what is missing, for this user alone to read, and never writes over a file: a pending request
 * was signed and encrypted with the keys that are there. In production each of these belongs to
 * another machine.
 */
export async function generateDevelopmentKeys(directory: string): Promise<DevelopmentKeys> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const files: DevelopmentKeys = {
    apiSigningKeyFile: join(directory, "api-signing-key.json"),
    operatorKeyFile: join(directory, "operator-key.json"),
    trustFile: join(directory, "trust.json"),
    payloadKeyringFile: join(directory, "payload-keyring.json"),
  };
  const api = await signingKey(files.apiSigningKeyFile, "development-api");
  const operator = await signingKey(files.operatorKeyFile, "development-operator");
  writeOnce(files.payloadKeyringFile, newKeyringFile("development"));
  loadKeyring(files.payloadKeyringFile);
  writeOnce(files.trustFile, { keys: [trusted(api, API_PURPOSES), trusted(operator, OPERATOR_PURPOSES)] });
  for (const { kid, x } of [api, operator]) {
    if (loadTrust(files.trustFile).keys.some((key) => key.id === kid && key.publicJwk.x === x)) continue;
    const detail = `${files.trustFile} does not know the key ${kid} that lies beside it. Take ${directory} away and start again.`;
    throw new CountersignError("CONFIGURATION_INVALID", detail);
  }
  return files;
}

/** The operator's key signs configurations, the API's everything that people and agents say. */
export const OPERATOR_PURPOSES: Purpose[] = ["configuration"];
export const API_PURPOSES: Purpose[] = PURPOSES.filter((purpose) => purpose !== "configuration");

async function signingKey(file: string, id: string): Promise<PrivateJwk> {
  if (!existsSync(file)) writeOnce(file, (await generateKey(id)).privateJwk);
  return loadSigningKey(file);
}

function trusted({ kty, crv, x, kid }: PrivateJwk, purposes: Purpose[]): TrustedKey {
  return { id: kid, publicJwk: { kty, crv, x }, purposes, revoked: false };
}

/** Whole or not at all: a link to a finished file fails where one already stands. */
function writeOnce(file: string, content: unknown): void {
  if (existsSync(file)) return;
  const half = `${file}.${process.pid}`;
  writeFileSync(half, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  try {
    linkSync(half, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    unlinkSync(half);
  }
}

/** For a test or a tool that wants the keys themselves. */
export function readDevelopmentKeys(files: DevelopmentKeys) {
  return {
    api: loadSigningKey(files.apiSigningKeyFile),
    operator: loadSigningKey(files.operatorKeyFile),
    trust: loadTrust(files.trustFile),
    keyring: loadKeyring(files.payloadKeyringFile),
  };
}
