import { createSecretKey, type KeyObject, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { z } from "zod";
import { CountersignError } from "../core/errors.ts";
import { isMarked, markedId, mayBeMarked } from "./payload-key-id.ts";

/**
 * Keys of the payload codec. One encrypts; the others only decrypt, and stay at least as long as
 * the longest open request plus Temporal's retention.
 */
export type Keyring = {
  encrypt: PayloadKey;
  find(id: string): PayloadKey | null;
  /** None of our keyrings ever made a key of this id. False where that cannot be told. */
  isForeign(id: string): boolean;
};
export type PayloadKey = { id: string; key: KeyObject };

/** What a keyring file holds. */
export type KeyringFile = z.infer<typeof keyringFile>;

export function loadKeyring(file: string): Keyring {
  return parseKeyring(readKeyringFile(file), file);
}

export function readKeyringFile(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new CountersignError("CONFIGURATION_INVALID", `The payload keyring ${file} cannot be read.`, { cause });
  }
}

export function parseKeyring(text: string, file: string): Keyring {
  const { familySecret, keys } = parseKeyringFile(text, file);
  const family = familySecret === undefined ? null : Buffer.from(familySecret, "base64");
  const [encrypt, ...more] = keys.filter((key) => key.use === "encrypt");
  if (!encrypt || more.length > 0) throw invalid(file, 'exactly one key must have "use": "encrypt"');
  const byId = new Map<string, PayloadKey>();
  for (const { id, key } of keys) {
    if (byId.has(id)) throw invalid(file, `the key id ${id} is there twice`);
    const bytes = Buffer.from(key, "base64");
    // Else what others encrypted would look forged here, and be dropped.
    if (family !== null && mayBeMarked(id) && !isMarked(id, family, bytes)) {
      throw invalid(file, `the id ${id} belongs to another key, or to a keyring of another family`);
    }
    byId.set(id, { id, key: createSecretKey(bytes) });
  }
  const find = (id: string) => byId.get(id) ?? null;
  const found = find(encrypt.id);
  if (!found) throw invalid(file, "the key that encrypts is missing");
  const isForeign = (id: string) => family !== null && !byId.has(id) && !isMarked(id, family);
  return { encrypt: found, find, isForeign };
}

/** A keyring of a new family with one new key, as text for a file. */
export function newKeyringFile(label: string): KeyringFile {
  const family = randomBytes(KEY_BYTES);
  return { familySecret: family.toString("base64"), keys: [{ ...newKey(label, family), use: "encrypt" }] };
}

/** The keyring with one more key, which nobody encrypts with yet. One made before families existed becomes one. */
export function withNewKey(keyring: KeyringFile, label: string): { keyring: KeyringFile; id: string } {
  const familySecret = keyring.familySecret ?? randomBytes(KEY_BYTES).toString("base64");
  const added = newKey(label, Buffer.from(familySecret, "base64"));
  return { keyring: { familySecret, keys: [...keyring.keys, { ...added, use: "decryptOnly" }] }, id: added.id };
}

/** The keyring in which this key encrypts, and what encrypted before only decrypts. */
export function encryptingWith(keyring: KeyringFile, id: string): KeyringFile {
  const keys = keyring.keys.map((key) => ({
    ...key,
    use: key.id === id ? ("encrypt" as const) : ("decryptOnly" as const),
  }));
  return { ...keyring, keys };
}

function newKey(label: string, family: Uint8Array): { id: string; key: string } {
  const key = randomBytes(KEY_BYTES);
  return { id: markedId(label, family, key), key: key.toString("base64") };
}

const KEY_BYTES = 32;
const bytes = z.base64().refine((text) => Buffer.from(text, "base64").length === KEY_BYTES);

const keyringFile = z.strictObject({
  /** What the ids of our keys are marked with: the same in every process, and never another. */
  familySecret: bytes.optional(),
  keys: z.array(
    z.strictObject({
      id: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/),
      key: bytes,
      use: z.enum(["encrypt", "decryptOnly"]),
    }),
  ),
});

export function parseKeyringFile(text: string, file: string): KeyringFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // No cause: the parser's message quotes the text, and the text is keys.
    throw invalid(file, "it is not JSON");
  }
  const parsed = keyringFile.safeParse(value);
  if (parsed.success) return parsed.data;
  const places = parsed.error.issues.map((issue) => issue.path.join("/") || "the whole");
  throw invalid(file, `${SHAPE} Wrong: ${places.join(", ")}`);
}

const SHAPE =
  'it must be {"familySecret": 32 bytes as base64, "keys": [{"id", "key": 32 bytes as base64, "use": "encrypt" | "decryptOnly"}]}.';

function invalid(file: string, what: string): CountersignError {
  return new CountersignError("CONFIGURATION_INVALID", `The payload keyring ${file}: ${what}.`);
}
