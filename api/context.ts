import { randomBytes } from "node:crypto";
import { Client, Connection } from "@temporalio/client";
import type { PayloadCodec } from "@temporalio/common";
import type { Logger } from "pino";
import { type ConfigurationSource, createConfigurationSource } from "../config/configuration-source.ts";
import { createLog } from "../config/log.ts";
import type { ApiSettings } from "../config/settings.ts";
import { dataConverter, temporalConnectionOptions } from "../config/temporal.ts";
import type { Instant } from "../core/principal.ts";
import { loadKeyring } from "../crypto/keyring.ts";
import { createPayloadCodec } from "../crypto/payload-codec.ts";
import { createSigner, createVerifier } from "../crypto/signature.ts";
import { loadSigningKey, loadTrust } from "../crypto/trust-file.ts";
import type { Signer, Verifier } from "../crypto/types.ts";
import { connect, type Database } from "../db/client.ts";
import { type ChangeFeed, openChangeFeed } from "../db/read/change-feed.ts";
import { latestConfiguration } from "../db/read/configuration.ts";
import { slackContext } from "./slack/slack.ts";
import type { SlackContext } from "./slack/slack-context.ts";

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
  /** Opens payloads for Temporal's UI; null when the codec is off. */
  payloadCodec: PayloadCodec | null;
  /** null: nothing is taken from Slack. */
  slack: SlackContext | null;
  /** Aborted when the process stops: open waits and streams end. */
  stopping: AbortSignal;
  stop: () => void;
  destroy: () => Promise<void>;
};

/** Nothing is contacted yet: a database or Temporal that is down shows in /readyz and in answers, not as a crash. */
export async function create(settings: ApiSettings, overrides: Partial<ApiContext> = {}): Promise<ApiContext> {
  const stop = new AbortController();
  const log = overrides.log ?? createLog(settings);
  const database = overrides.database ?? connect(settings.databaseUrl);
  const changes = overrides.changes ?? openChangeFeed(settings.databaseUrl);
  const verifier = overrides.verifier ?? createVerifier(loadTrust(settings.trustFile));
  const signer = overrides.signer ?? createSigner(loadSigningKey(settings.signingKeyFile));
  const temporal = overrides.temporal ?? temporalClient(settings);
  const context: ApiContext = {
    settings,
    slack: null,
    log,
    clock: Date.now,
    newId: (prefix) => `${prefix}_${randomBytes(16).toString("base64url")}`,
    database,
    changes,
    temporal,
    signer,
    verifier,
    configuration: createConfigurationSource({
      load: () => latestConfiguration(database),
      verifier,
      ttlMs: CONFIGURATION_MS,
    }),
    payloadCodec: payloadCodecOf(settings),
    stopping: stop.signal,
    stop: () => stop.abort(),
    async destroy() {
      stop.abort();
      await Promise.all([changes.close(), temporal.connection.close(), database.close()]);
    },
  };
  const whole = { ...context, ...overrides };
  if (settings.slack !== null) whole.slack = slackContext(whole, settings.slack);
  return whole;
}

/** One call asks several times; somebody who was removed is gone a moment later. */
const CONFIGURATION_MS = 250;

function payloadCodecOf({ payloadKeyringFile }: ApiSettings): PayloadCodec | null {
  return payloadKeyringFile === null ? null : createPayloadCodec(loadKeyring(payloadKeyringFile));
}

function temporalClient(settings: ApiSettings): Client {
  return new Client({
    connection: Connection.lazy(temporalConnectionOptions(settings)),
    namespace: settings.temporal.namespace,
    dataConverter: dataConverter(settings),
  });
}
