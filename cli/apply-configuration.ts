import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { CATALOGUE } from "../actions/catalogue.ts";
import type { Configuration, PolicySource } from "../config/configuration.ts";
import { withDefaults } from "../config/configuration-source.ts";
import { parseConfiguration } from "../config/yaml.ts";
import type { Digest } from "../core/request.ts";
import { canonicalJson } from "../crypto/canonical.ts";
import { digestOf } from "../crypto/digest.ts";
import { createSigner } from "../crypto/signature.ts";
import { loadSigningKey } from "../crypto/trust-file.ts";
import { applyConfiguration as writeConfiguration } from "../db/admin.ts";
import { connect, type Database } from "../db/client.ts";
import { latestConfiguration } from "../db/read/configuration.ts";
import { compilePolicies } from "../policy/compile.ts";
import { vocabularyOf } from "../policy/vocabulary.ts";
import type { Comparable } from "./configuration-changes.ts";
import { importedMembers, type Membership } from "./imported-members.ts";
import { readPolicySources } from "./policy-files.ts";

export type ConfigurationFiles = { configuration: PolicySource; policies: PolicySource[] };
export type ApplyInput = {
  files: ConfigurationFiles;
  /** The migrator's connection: no other role may write a configuration. */
  adminUrl: string;
  operatorKeyFile: string;
  /** Who the chat says is in the imported groups; left out: it was not asked, and the version before knows. */
  memberships?: Membership[];
};
/** `changed`: false when exactly this was in force already; then nothing was written. */
export type Applied = { version: number; digest: Digest; changed: boolean };

/** Checks everything, signs it with the operator's key, and writes it as the next version. */
export async function applyConfiguration(input: ApplyInput): Promise<Applied> {
  const written = draftOf(input.files);
  const signer = createSigner(loadSigningKey(input.operatorKeyFile));
  const database = connect(input.adminUrl, { max: 1 });
  try {
    const before = await inForce(database);
    const now = Date.now();
    const draft = withImported(written, before?.content ?? null, input.memberships ?? null, now);
    if (before !== null && canonicalJson(comparable(before.content)) === canonicalJson(draft)) {
      return { version: before.version, digest: before.digest, changed: false };
    }
    const content: Configuration = { ...draft, version: (before?.version ?? 0) + 1, appliedAt: now };
    return { ...(await writeConfiguration(database, await signer.sign("configuration", content))), changed: true };
  } finally {
    await database.close();
  }
}

/** The configuration with those whom the chat has in its groups, counted from when they were there first. */
export function withImported(
  draft: Comparable,
  before: Configuration | null,
  memberships: Membership[] | null,
  now: number,
): Comparable {
  return { ...draft, imported: importedMembers(before?.imported ?? [], memberships, draft, now) };
}

/** The whole configuration these files say; throws CONFIGURATION_INVALID or POLICY_INVALID with every finding. */
export function draftOf(files: ConfigurationFiles): Comparable {
  const { configuration, policies } = files;
  const draft: Comparable = { ...parseConfiguration(configuration.text, configuration.file), policies };
  compilePolicies(policies, vocabularyOf(draft, CATALOGUE), digestOf);
  return draft;
}

/** countersign.yaml and every policy of a folder; names are the same wherever this is run from. */
export function readConfigurationFiles(configurationFile: string, policiesFolder: string): ConfigurationFiles {
  const policies = readPolicySources(policiesFolder).map(({ file, text }) => {
    return { file: `${basename(policiesFolder)}/${basename(file)}`, text };
  });
  const configuration = { file: basename(configurationFile), text: readFileSync(configurationFile, "utf8") };
  return { configuration, policies };
}

async function inForce(database: Database) {
  const row = await latestConfiguration(database);
  return row === null ? null : { version: row.version, digest: row.digest, content: withDefaults(row.signed.content) };
}

function comparable(configuration: Configuration): Comparable {
  const { version: _version, appliedAt: _appliedAt, ...rest } = configuration;
  return rest;
}
