import type { Configuration } from "../config/configuration.ts";
import { CountersignError } from "../core/errors.ts";
import type { Digest } from "../core/request.ts";
import type { Verifier } from "../crypto/types.ts";
import type { Database } from "../db/client.ts";
import { latestConfiguration } from "../db/read/configuration.ts";

/** The configuration in force, believed only after its signature held. */
export type InForce = { version: number; digest: Digest; keyId: string; configuration: Configuration };

export type ConfigurationSource = {
  /** Throws NOT_CONFIGURED before the first apply. */
  current(): Promise<InForce>;
};

/**
 * Reads the row on every call, so that a person who was removed is gone at once;
 * only the signature check is remembered, by digest.
 */
export function createConfigurationSource(database: Database, verifier: Verifier): ConfigurationSource {
  let verified: InForce | null = null;
  return {
    async current() {
      const row = await latestConfiguration(database);
      if (row === null) throw new CountersignError("NOT_CONFIGURED", "Run `countersign apply` first.");
      if (verified !== null && verified.digest === row.digest && verified.version === row.version) return verified;
      const { keyId } = await verifier.verify("configuration", row.signed);
      if (row.signed.content.version !== row.version) {
        throw new CountersignError(
          "SIGNATURE_INVALID",
          "The configuration row carries another version than its content.",
        );
      }
      verified = { version: row.version, digest: row.digest, keyId, configuration: row.signed.content };
      return verified;
    },
  };
}
