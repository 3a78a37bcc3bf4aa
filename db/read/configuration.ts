import { desc } from "drizzle-orm";
import type { Configuration } from "../../config/configuration.ts";
import type { Digest, Signed } from "../../core/request.ts";
import { type Database, reading } from "../client.ts";
import { configurations } from "../schema/configurations.ts";

export type ConfigurationRow = { version: number; digest: Digest; signed: Signed<Configuration> };

/** The newest row, not yet believed: whoever uses it verifies its signature. */
export async function latestConfiguration(db: Database): Promise<ConfigurationRow | null> {
  const [row] = await reading(db, (orm) =>
    orm.select().from(configurations).orderBy(desc(configurations.version)).limit(1),
  );
  if (!row) return null;
  const { version, digest, content, jws } = row;
  return { version, digest, signed: { content, jws } };
}
