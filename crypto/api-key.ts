import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { CountersignError } from "../core/errors.ts";
import type { Digest } from "../core/request.ts";
import { base32, sha256 } from "./digest.ts";

/** `csk_` is an agent's key, `csp_` a person's token. Scanners of leaked secrets know them by this. */
export const API_KEY_PREFIXES = { "agent-key": "csk_", "person-token": "csp_" } as const;
export type ApiKeyKind = keyof typeof API_KEY_PREFIXES;

/**
 * `csk_` + 16 characters id + 52 characters secret (256 bits) + 8 characters checksum.
 * Only the hash is stored. The id may be shown; it opens nothing.
 */
export function newApiKey(kind: ApiKeyKind): { id: string; text: string; hash: Digest } {
  const id = base32(randomBytes(ID_BYTES));
  const unsealed = `${API_KEY_PREFIXES[kind]}${id}${base32(randomBytes(SECRET_BYTES))}`;
  const text = unsealed + checksum(unsealed);
  return { id: `cred_${id}`, text, hash: sha256(text) };
}

/** Refuses a mistyped or cut key without asking the database. */
export function parseApiKey(text: string): { kind: ApiKeyKind; id: string; hash: Digest } {
  const [, prefix, id] = PATTERN.exec(text) ?? [];
  const unsealed = text.slice(0, -CHECKSUM_CHARS);
  if (!prefix || !id || !constantTimeEqual(checksum(unsealed), text.slice(-CHECKSUM_CHARS))) {
    throw new CountersignError("UNAUTHENTICATED", "This is not a key we gave out; it may be cut or mistyped.");
  }
  const kind = prefix === API_KEY_PREFIXES["agent-key"] ? "agent-key" : "person-token";
  return { kind, id: `cred_${id}`, hash: sha256(text) };
}

/** Takes the same time wherever two secrets differ, and whatever their lengths. */
export function constantTimeEqual(one: string, other: string): boolean {
  const hash = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(hash(one), hash(other));
}

const ID_BYTES = 10;
const SECRET_BYTES = 32;
const CHECKSUM_CHARS = 8;
const PATTERN = /^(cs[kp]_)([0-9a-hjkmnp-tv-z]{16})[0-9a-hjkmnp-tv-z]{60}$/;

function checksum(unsealed: string): string {
  const hash = createHash("sha256").update(`countersign:${unsealed}`).digest();
  return base32(hash).slice(0, CHECKSUM_CHARS);
}
