import { existsSync, linkSync, mkdirSync, renameSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CountersignError } from "../core/errors.ts";
import { canonicalJson } from "../crypto/canonical.ts";
import { loadKeyring, newKeyringFile } from "../crypto/keyring.ts";
import { generateKey, type PrivateJwk } from "../crypto/signature.ts";
import { loadSigningKey, loadTrust } from "../crypto/trust-file.ts";
import { PURPOSES, type Purpose, type TrustedKey, type TrustFile } from "../crypto/types.ts";

/** The key files of a development set-up, in the form that every process reads. */
export type DevelopmentKeys = {
  apiSigningKeyFile: string;
  channelsSigningKeyFile: string;
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
    channelsSigningKeyFile: join(directory, "channels-signing-key.json"),
    operatorKeyFile: join(directory, "operator-key.json"),
    trustFile: join(directory, "trust.json"),
    payloadKeyringFile: join(directory, "payload-keyring.json"),
  };
  const api = await signingKey(files.apiSigningKeyFile, "development-api");
  const channels = await signingKey(files.channelsSigningKeyFile, "development-channels");
  const operator = await signingKey(files.operatorKeyFile, "development-operator");
  writeOnce(files.payloadKeyringFile, newKeyringFile("development"));
  loadKeyring(files.payloadKeyringFile);
  const keys = [trusted(api, API_PURPOSES), trusted(channels, CHANNELS_PURPOSES), trusted(operator, OPERATOR_PURPOSES)];
  writeOnce(files.trustFile, { keys });
  extendTrust(files.trustFile, keys);
  for (const { kid, x } of [api, channels, operator]) {
    if (loadTrust(files.trustFile).keys.some((key) => key.id === kid && key.publicJwk.x === x)) continue;
    const detail = `${files.trustFile} does not know the key ${kid} that lies beside it. Take ${directory} away and start again.`;
    throw new CountersignError("CONFIGURATION_INVALID", detail);
  }
  return files;
}

/** The operator's key signs configurations, that of channels who was behind an account, the API's all that people and agents say. */
export const OPERATOR_PURPOSES: Purpose[] = ["configuration"];
export const CHANNELS_PURPOSES: Purpose[] = ["identification"];
export const API_PURPOSES: Purpose[] = PURPOSES.filter(
  (purpose) => !OPERATOR_PURPOSES.includes(purpose) && !CHANNELS_PURPOSES.includes(purpose),
);

async function signingKey(file: string, id: string): Promise<PrivateJwk> {
  if (!existsSync(file)) writeOnce(file, (await generateKey(id)).privateJwk);
  return loadSigningKey(file);
}

function trusted({ kty, crv, x, kid }: PrivateJwk, purposes: Purpose[]): TrustedKey {
  return { id: kid, publicJwk: { kty, crv, x }, purposes, revoked: false };
}

/**
 * A directory made before the channels process existed gets its key, and the API's key what it has come to sign
 * since. Keys that are there stay as they are, and a revoked one gains nothing.
 */
function extendTrust(file: string, needed: TrustedKey[]): void {
  const { keys } = loadTrust(file);
  const extended = keys.map((key) => {
    const wanted = needed.find(({ id, publicJwk }) => id === key.id && publicJwk.x === key.publicJwk.x);
    if (wanted === undefined || key.revoked) return key;
    return { ...key, purposes: [...new Set([...key.purposes, ...wanted.purposes])] };
  });
  const added = needed.filter(({ id, purposes }) => {
    return purposes === CHANNELS_PURPOSES && !keys.some((key) => key.id === id);
  });
  const trust: TrustFile = { keys: [...extended, ...added] };
  if (canonicalJson(trust) === canonicalJson({ keys })) return;
  const half = `${file}.${process.pid}`;
  writeFileSync(half, `${JSON.stringify(trust, null, 2)}\n`, { mode: 0o600 });
  renameSync(half, file);
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
    channels: loadSigningKey(files.channelsSigningKeyFile),
    operator: loadSigningKey(files.operatorKeyFile),
    trust: loadTrust(files.trustFile),
    keyring: loadKeyring(files.payloadKeyringFile),
  };
}
