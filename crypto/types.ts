import type { Signed } from "../core/request.ts";

/** What a signature is for; part of the signed header, so that one kind never passes for another. */
export const PURPOSES = [
  "submission",
  "message",
  "identification",
  "link",
  "delegation",
  "configuration",
  "freeze",
  "resolution",
] as const;
export type Purpose = (typeof PURPOSES)[number];

export interface Signer {
  readonly keyId: string;
  sign<T>(purpose: Purpose, content: T): Promise<Signed<T>>;
}

export interface Verifier {
  /**
   * Resolves with the key that signed; rejects with CountersignError
   * SIGNATURE_INVALID, KEY_UNKNOWN (not trusted for this purpose) or KEY_REVOKED.
   */
  verify<T>(purpose: Purpose, signed: Signed<T>): Promise<{ keyId: string }>;
}

/** A trust file: public keys only. The executor reads its own copy, from its own environment. */
export type TrustedKey = {
  id: string;
  /** Ed25519 public JWK. */
  publicJwk: { kty: "OKP"; crv: "Ed25519"; x: string };
  purposes: Purpose[];
  /** Set when the key was taken out of service because it may be in wrong hands. */
  revoked: boolean;
};
export type TrustFile = { keys: TrustedKey[] };
