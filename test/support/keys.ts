import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DevelopmentKeys, generateDevelopmentKeys, readDevelopmentKeys } from "../../config/development-keys.ts";
import type { Keyring } from "../../crypto/keyring.ts";
import { createSigner, createVerifier, type PrivateJwk } from "../../crypto/signature.ts";
import type { Signer, TrustFile, Verifier } from "../../crypto/types.ts";

export type TestKeys = {
  /** Signs submissions, messages, links, delegations, freezes and resolutions. */
  api: { keyId: string; privateJwk: PrivateJwk; signer: Signer };
  /** Signs identifications. */
  channels: { keyId: string; privateJwk: PrivateJwk; signer: Signer };
  /** Signs configurations. */
  operator: { keyId: string; privateJwk: PrivateJwk; signer: Signer };
  trust: TrustFile;
  verifier: Verifier;
  keyring: Keyring;
  /** The same keys as files, as `npm start` has them. */
  files: DevelopmentKeys;
};

/** New keys for one test file, made the way a development set-up makes them. */
export async function testKeys(directory = mkdtempSync(join(tmpdir(), "countersign-keys-"))): Promise<TestKeys> {
  const files = await generateDevelopmentKeys(directory);
  const { api, channels, operator, trust, keyring } = readDevelopmentKeys(files);
  const withSigner = (privateJwk: PrivateJwk) => {
    return { keyId: privateJwk.kid, privateJwk, signer: createSigner(privateJwk) };
  };
  return {
    api: withSigner(api),
    channels: withSigner(channels),
    operator: withSigner(operator),
    trust,
    verifier: createVerifier(trust),
    keyring,
    files,
  };
}
