import {
  base64url,
  CompactSign,
  compactVerify,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  importJWK,
} from "jose";
import { CountersignError } from "../core/errors.ts";
import type { Signed } from "../core/request.ts";
import { canonicalJson } from "./canonical.ts";
import type { Purpose, Signer, TrustedKey, TrustFile, Verifier } from "./types.ts";

export type PublicJwk = TrustedKey["publicJwk"];
export type PrivateJwk = PublicJwk & { d: string; kid: string };

/** A registered key of a program that signs its own submissions (`agents[].keys` of the configuration). */
export type ProgramKey = { id: string; x: string; revoked: boolean };

export function createSigner(privateJwk: PrivateJwk): Signer {
  const { kty, crv, d, kid } = privateJwk;
  if (kty !== "OKP" || crv !== "Ed25519" || !d || !kid) {
    throw new CountersignError("KEY_UNKNOWN", "A signing key is a private Ed25519 JWK with a kid.");
  }
  const key = once(() => importJWK(privateJwk, ALGORITHM));
  return {
    keyId: kid,
    async sign<T>(purpose: Purpose, content: T): Promise<Signed<T>> {
      const compact = await new CompactSign(bytesOf(content))
        .setProtectedHeader({ alg: ALGORITHM, kid, typ: typeOf(purpose) })
        .sign(await key());
      const [header, , signature] = compact.split(".");
      return { content, jws: `${header}..${signature}` };
    },
  };
}

export function createVerifier(trust: TrustFile): Verifier {
  return verifierOver(trust.keys);
}

/**
 * Trusts the trust file, and each program's registered key for submissions only. That the key
 * belongs to the agent the submission names is for the caller to check, by the `keyId` it gets.
 * A registered key cannot take the id of a key of the trust file.
 */
export function verifierWith(trust: TrustFile, programKeys: ProgramKey[]): Verifier {
  const taken = new Set(trust.keys.map((key) => key.id));
  const added = programKeys
    .filter((key) => !taken.has(key.id))
    .map(({ id, x, revoked }): TrustedKey => {
      return { id, publicJwk: { kty: "OKP", crv: "Ed25519", x }, purposes: ["submission"], revoked };
    });
  return verifierOver([...trust.keys, ...added]);
}

/** A new key pair, and the line for a trust file that trusts it for `purposes`. */
export async function generateKey(
  id: string,
  purposes: Purpose[] = [],
): Promise<{ privateJwk: PrivateJwk; publicJwk: PublicJwk; trustedKey: TrustedKey }> {
  const pair = await generateKeyPair(ALGORITHM, { crv: "Ed25519", extractable: true });
  const { x, d } = await exportJWK(pair.privateKey);
  if (!x || !d) throw new CountersignError("INTERNAL", "A generated key has no private half.");
  const publicJwk: PublicJwk = { kty: "OKP", crv: "Ed25519", x };
  return {
    privateJwk: { ...publicJwk, d, kid: id },
    publicJwk,
    trustedKey: { id, publicJwk, purposes, revoked: false },
  };
}

const ALGORITHM = "EdDSA";

function typeOf(purpose: Purpose): string {
  return `countersign-${purpose}+jws`;
}

function bytesOf(content: unknown): Uint8Array {
  return new TextEncoder().encode(canonicalJson(content));
}

function verifierOver(keys: TrustedKey[]): Verifier {
  const trusted = new Map<string, { key: TrustedKey; imported: () => ReturnType<typeof importJWK> }>();
  for (const key of keys) {
    // Two keys of one id: whose signature it was could then not be said.
    if (trusted.has(key.id)) throw new CountersignError("KEY_UNKNOWN", `The key id ${key.id} is there twice.`);
    trusted.set(key.id, { key, imported: once(() => importJWK(key.publicJwk, ALGORITHM)) });
  }
  return {
    async verify<T>(purpose: Purpose, signed: Signed<T>): Promise<{ keyId: string }> {
      const { header, kid, signature } = parse(signed.jws, purpose);
      const found = trusted.get(kid);
      if (!found?.key.purposes.includes(purpose)) {
        throw new CountersignError("KEY_UNKNOWN", `The key ${JSON.stringify(kid)} is not trusted for a ${purpose}.`);
      }
      if (found.key.revoked) throw new CountersignError("KEY_REVOKED", `The key ${kid} was revoked.`);
      try {
        const compact = `${header}.${base64url.encode(bytesOf(signed.content))}.${signature}`;
        await compactVerify(compact, await found.imported(), { algorithms: [ALGORITHM] });
      } catch (cause) {
        throw new CountersignError("SIGNATURE_INVALID", `It is not what the key ${kid} signed.`, { cause });
      }
      return { keyId: kid };
    },
  };
}

/** The header is read before anything is believed: it only says which key to try, and for what. */
function parse(jws: unknown, purpose: Purpose): { header: string; kid: string; signature: string } {
  const [, header, signature] = (typeof jws === "string" ? DETACHED.exec(jws) : null) ?? [];
  if (!header || !signature) throw new CountersignError("SIGNATURE_INVALID", "It is not a detached JWS.");
  const { alg, kid, typ, ...rest } = headerOf(header);
  if (alg !== ALGORITHM || typeof kid !== "string" || Object.keys(rest).length > 0) {
    throw new CountersignError("SIGNATURE_INVALID", "Its header is not one we write.");
  }
  if (typ !== typeOf(purpose)) {
    throw new CountersignError("SIGNATURE_INVALID", `It was signed for something else than a ${purpose}.`);
  }
  // The last character of 64 bytes carries four bits that decoding drops: one signature, one spelling.
  if (base64url.encode(base64url.decode(signature)) !== signature) {
    throw new CountersignError("SIGNATURE_INVALID", "Its signature is not spelt canonically.");
  }
  return { header, kid, signature };
}

const DETACHED = /^([A-Za-z0-9_-]{1,1024})\.\.([A-Za-z0-9_-]{86})$/;

function headerOf(header: string): Record<string, unknown> {
  try {
    return decodeProtectedHeader(`${header}..`) as Record<string, unknown>;
  } catch (cause) {
    throw new CountersignError("SIGNATURE_INVALID", "Its header cannot be read.", { cause });
  }
}

/** Importing a key costs more than using it, so each is imported once, when first needed. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make();
    return made;
  };
}
