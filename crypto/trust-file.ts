import { readFileSync } from "node:fs";
import { z } from "zod";
import { CountersignError } from "../core/errors.ts";
import type { PrivateJwk } from "./signature.ts";
import { PURPOSES, type TrustFile } from "./types.ts";

/** The public keys a process believes; each process reads its own copy, from its own environment. */
export function loadTrust(file: string): TrustFile {
  const trust = read(file, "trust file", trustFile);
  const twice = trust.keys.find((key, index) => trust.keys.findIndex((other) => other.id === key.id) !== index);
  if (twice)
    throw new CountersignError("CONFIGURATION_INVALID", `The trust file ${file} has the key ${twice.id} twice.`);
  return trust;
}

/** A private key that signs: Ed25519, as a JWK whose `kid` is the id the trust file knows it by. */
export function loadSigningKey(file: string): PrivateJwk {
  return read(file, "signing key", signingKey);
}

const keyId = z.string().regex(/^[A-Za-z0-9._:-]{1,128}$/);
/** 32 bytes: 43 characters of base64url. */
const keyBytes = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
const ed25519 = { kty: z.literal("OKP"), crv: z.literal("Ed25519"), x: keyBytes };

const trustFile = z.strictObject({
  keys: z
    .array(
      z.strictObject({
        id: keyId,
        // Strict, so that a private key pasted here by mistake is refused instead of copied around.
        publicJwk: z.strictObject(ed25519),
        purposes: z.array(z.enum(PURPOSES)),
        revoked: z.boolean(),
      }),
    )
    .min(1),
});

const signingKey = z.strictObject({ ...ed25519, d: keyBytes, kid: keyId });

function read<T>(file: string, what: string, schema: z.ZodType<T>): T {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new CountersignError("CONFIGURATION_INVALID", `The ${what} ${file} cannot be read.`, { cause });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // No cause: the parser's message quotes the text, and the text may be a private key.
    throw new CountersignError("CONFIGURATION_INVALID", `The ${what} ${file} is not JSON.`);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const places = parsed.error.issues.map((issue) => `/${issue.path.join("/")}: ${issue.message}`);
  throw new CountersignError("CONFIGURATION_INVALID", `The ${what} ${file} is wrong at ${places.join("; ")}.`);
}
