import { createSecretKey, type KeyObject, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { z } from "zod";
import { CountersignError } from "../core/errors.ts";

/**
 * Keys of the payload codec. One encrypts; the others only decrypt, and stay at least as long as
 * the longest open request plus Temporal's retention.
 */
export type Keyring = { encrypt: PayloadKey; find(id: string): PayloadKey | null };
export type PayloadKey = { id: string; key: KeyObject };

/** What a keyring file holds. */
export type KeyringFile = z.infer<typeof keyringFile>;

export function loadKeyring(file: string): Keyring {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new CountersignError("CONFIGURATION_INVALID", `The payload keyring ${file} cannot be read.`, { cause });
  }
  return parseKeyring(text, file);
}

export function parseKeyring(text: string, file: string): Keyring {
  const { keys } = parse(text, file);
  const [encrypt, ...more] = keys.filter((key) => key.use === "encrypt");
  if (!encrypt || more.length > 0) throw invalid(file, 'exactly one key must have "use": "encrypt"');
  const byId = new Map<string, PayloadKey>();
  for (const { id, key } of keys) {
    if (byId.has(id)) throw invalid(file, `the key id ${id} is there twice`);
    byId.set(id, { id, key: createSecretKey(Buffer.from(key, "base64")) });
  }
  const find = (id: string) => byId.get(id) ?? null;
  const found = find(encrypt.id);
  if (!found) throw invalid(file, "the key that encrypts is missing");
  return { encrypt: found, find };
}

/** A keyring with one new key, as text for a file. */
export function newKeyringFile(id: string): KeyringFile {
  return { keys: [{ id, key: randomBytes(KEY_BYTES).toString("base64"), use: "encrypt" }] };
}

const KEY_BYTES = 32;

const keyringFile = z.strictObject({
  keys: z.array(
    z.strictObject({
      id: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/),
      key: z.base64().refine((text) => Buffer.from(text, "base64").length === KEY_BYTES),
      use: z.enum(["encrypt", "decryptOnly"]),
    }),
  ),
});

function parse(text: string, file: string): KeyringFile {
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

const SHAPE = 'it must be {"keys": [{"id", "key": 32 bytes as base64, "use": "encrypt" | "decryptOnly"}]}.';

function invalid(file: string, what: string): CountersignError {
  return new CountersignError("CONFIGURATION_INVALID", `The payload keyring ${file}: ${what}.`);
}
