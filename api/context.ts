import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { Client, Connection } from "@temporalio/client";
import type { Logger } from "pino";
import { createLog } from "../config/log.ts";
import type { ApiSettings } from "../config/settings.ts";
import { dataConverter, temporalConnectionOptions } from "../config/temporal.ts";
import type { Instant } from "../core/principal.ts";
import { createSigner, createVerifier } from "../crypto/signature.ts";
import type { Signer, Verifier } from "../crypto/types.ts";
import { connect, type Database } from "../db/client.ts";
import { type ChangeFeed, openChangeFeed } from "../db/read/change-feed.ts";
import { type ConfigurationSource, createConfigurationSource } from "./configuration-source.ts";

/** Everything a route may use; composed here and nowhere else. */
export type ApiContext = {
  settings: ApiSettings;
  log: Logger;
  clock: () => Instant;
  /** `<prefix>_` and 128 random bits. */
  newId: (prefix: string) => string;
  database: Database;
  changes: ChangeFeed;
  temporal: Client;
  signer: Signer;
  verifier: Verifier;
  configuration: ConfigurationSource;
  /** Aborted when the process stops: open waits and streams end. */
  stopping: AbortSignal;
  destroy: () => Promise<void>;
};

/** Nothing is contacted yet: a database or Temporal that is down shows in /readyz and in answers, not as a crash. */
export async function create(settings: ApiSettings, overrides: Partial<ApiContext> = {}): Promise<ApiContext> {
  const stop = new AbortController();
  const log = overrides.log ?? createLog(settings);
  const database = overrides.database ?? connect(settings.databaseUrl);
  const changes = overrides.changes ?? openChangeFeed(settings.databaseUrl);
  const verifier = overrides.verifier ?? createVerifier(JSON.parse(readFileSync(settings.trustFile, "utf8")));
  const signer = overrides.signer ?? (await createSigner(JSON.parse(readFileSync(settings.signingKeyFile, "utf8"))));
  const temporal = overrides.temporal ?? temporalClient(settings);
  const context: ApiContext = {
    settings,
    log,
    clock: Date.now,
    newId: (prefix) => `${prefix}_${randomBytes(16).toString("base64url")}`,
    database,
    changes,
    temporal,
    signer,
    verifier,
    configuration: createConfigurationSource(database, verifier),
    stopping: stop.signal,
    async destroy() {
      stop.abort();
      await Promise.all([changes.close(), temporal.connection.close(), database.close()]);
    },
  };
  return { ...context, ...overrides };
}

function temporalClient(settings: ApiSettings): Client {
  return new Client({
    connection: Connection.lazy(temporalConnectionOptions(settings)),
    namespace: settings.temporal.namespace,
    dataConverter: dataConverter(settings),
  });
}
