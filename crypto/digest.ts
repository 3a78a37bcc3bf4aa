import { createHash } from "node:crypto";
import type { PrincipalId } from "../core/principal.ts";
import type { Action, Digest } from "../core/request.ts";
import { canonicalJson } from "./canonical.ts";

export function sha256(content: string | Uint8Array): Digest {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

/** The digest of a JSON value, over its canonical text. */
export function digestOf(value: unknown): Digest {
  return sha256(canonicalJson(value));
}

/** What people approve and the executor recomputes: type, target and arguments, and nothing beside them. */
export function actionDigest(action: Action): Digest {
  return digestOf({ type: action.type, target: action.target, arguments: action.arguments });
}

/**
 * The same requester with the same idempotency key is the same request, for ever and without
 * asking anybody. The pair goes in as JSON, so that no two pairs run together into one text.
 */
export function requestIdOf(requester: PrincipalId, key: string): string {
  const hash = createHash("sha256")
    .update(canonicalJson([requester, key]))
    .digest();
  return `req_${base32(hash).slice(0, REQUEST_ID_CHARS)}`;
}

/** 130 bits: two different asks never meet. */
const REQUEST_ID_CHARS = 26;

/** Crockford's alphabet in lower case: no letter that reads as a digit, safe in URLs and file names. */
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

export function base32(bytes: Uint8Array): string {
  let text = "";
  let pending = 0;
  let bits = 0;
  for (const byte of bytes) {
    pending = (pending << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET.charAt((pending >> bits) & 31);
      pending &= (1 << bits) - 1;
    }
  }
  return bits > 0 ? text + ALPHABET.charAt((pending << (5 - bits)) & 31) : text;
}
