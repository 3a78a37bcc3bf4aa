import { CountersignError } from "../core/errors.ts";
import type { Digest, Signed } from "../core/request.ts";
import { digestOf } from "../crypto/digest.ts";
import type { Verifier } from "../crypto/types.ts";
import type { Configuration } from "./configuration.ts";

export type ConfigurationRow = { version: number; digest: Digest; signed: Signed<Configuration> };

/** A configuration, the digest it is known by, and the operator's key that signed it. */
export type InForce = { version: number; digest: Digest; keyId: string; configuration: Configuration };

export type ConfigurationSource = {
  /**
   * The configuration in force; the same object as long as nothing was applied. Rejects when there
   * is none (NOT_CONFIGURED), when the row cannot be believed, and when it cannot be read: an old
   * configuration never stands in for one that is in doubt.
   */
  current(): Promise<Configuration>;
  inForce(): Promise<InForce>;
};

export function createConfigurationSource(options: {
  load: () => Promise<ConfigurationRow | null>;
  verifier: Verifier;
  /** How long a row is believed without looking again. 0: it is read every time. */
  ttlMs: number;
  now?: () => number;
}): ConfigurationSource {
  const now = options.now ?? Date.now;
  let known: { row: ConfigurationRow; inForce: InForce; at: number } | null = null;

  async function inForce(): Promise<InForce> {
    const at = now();
    if (known && at - known.at < options.ttlMs) return known.inForce;
    const before = known;
    const row = await options.load();
    if (row === null) throw new CountersignError("NOT_CONFIGURED", "Run `countersign apply` first.");
    // Only what was verified is skipped: the same text under the same signature.
    const same = known !== null && known.row.version === row.version && known.row.signed.jws === row.signed.jws;
    if (known && same && digestOf(row.signed.content) === known.inForce.digest && row.digest === known.inForce.digest) {
      known = { ...known, at };
      return known.inForce;
    }
    const verified = await verifiedRow(row, options.verifier);
    // Meanwhile another call has verified this one or a newer one: it was read later, so it is the one in force.
    if (known !== before && known && row.version <= known.row.version) return known.inForce;
    // Someone who can write rows could take the newest one away and let an older, looser one rule again.
    if (known && row.version <= known.row.version) {
      const newest = known.row.version;
      throw refused(`Version ${row.version} came after version ${newest} was in force; versions only grow.`);
    }
    known = { row, inForce: verified, at };
    return verified;
  }

  return { inForce, current: async () => (await inForce()).configuration };
}

async function verifiedRow(row: ConfigurationRow, verifier: Verifier): Promise<InForce> {
  const { keyId } = await verifier.verify("configuration", row.signed);
  const configuration = withDefaults(row.signed.content);
  if (configuration.version !== row.version) {
    throw refused(`The row says version ${row.version}, the operator signed version ${configuration.version}.`);
  }
  const digest = digestOf(row.signed.content);
  if (digest !== row.digest) throw refused("The row carries another digest than its content.");
  return { version: row.version, digest, keyId, configuration };
}

/** What an operator signed before a field existed says nothing about it. */
export function withDefaults(content: Configuration): Configuration {
  const people = content.directory.people.map((person) => ({ ...person, accounts: person.accounts ?? [] }));
  const agents = content.agents.map((agent) => ({ ...agent, accounts: agent.accounts ?? [] }));
  const { slack = null, imported = [] } = content;
  return { ...content, slack, imported, agents, directory: { ...content.directory, people } };
}

function refused(detail: string): CountersignError {
  return new CountersignError("SIGNATURE_INVALID", detail);
}
