import { createEnvReader, type Environment, type EnvReader } from "./env-reader.ts";
import { DEFAULT_SECRET, readSecret, requireTls, WEB } from "./env-rules.ts";
import { readSlack, readSlackAccess } from "./env-slack.ts";
import type { ApiSettings, ChannelsSettings, CommonSettings, ExecutorSettings, WorkflowsSettings } from "./settings.ts";

export type SettingsOf = {
  api: ApiSettings;
  workflows: WorkflowsSettings;
  executor: ExecutorSettings;
  channels: ChannelsSettings;
};

/** Everything a process needs to start, or one error that names every variable that is wrong. */
export function readSettings<R extends keyof SettingsOf>(role: R, env: Environment): SettingsOf[R] {
  const reader = createEnvReader(env);
  const settings = { ...readCommon(reader), ...READERS[role](reader), role };
  reader.finish();
  return settings as unknown as SettingsOf[R];
}

type Own<S> = Omit<S, keyof CommonSettings | "role">;
const READERS: { [R in keyof SettingsOf]: (reader: EnvReader) => Own<SettingsOf[R]> } = {
  api: readApi,
  workflows: (reader) => ({ heartbeatSeconds: reader.integer("COUNTERSIGN_HEARTBEAT_SECONDS", 1, 300) }),
  executor: readExecutor,
  channels: readChannels,
};

function readCommon(reader: EnvReader): CommonSettings {
  return {
    mode: reader.oneOf("COUNTERSIGN_MODE", ["production", "development"]),
    logLevel: reader.oneOf("COUNTERSIGN_LOG_LEVEL", ["debug", "info", "warn", "error"]),
    databaseUrl: readDatabaseUrl(reader),
    temporal: {
      address: readAddress(reader),
      namespace: reader.text("COUNTERSIGN_TEMPORAL_NAMESPACE"),
    },
    trustFile: reader.file("COUNTERSIGN_TRUST_FILE"),
    payloadKeyringFile: reader.production
      ? reader.file("COUNTERSIGN_PAYLOAD_KEYRING_FILE")
      : reader.optionalFile("COUNTERSIGN_PAYLOAD_KEYRING_FILE"),
  };
}

function readApi(reader: EnvReader): Own<ApiSettings> {
  const host = reader.text("COUNTERSIGN_API_HOST");
  const port = reader.integer("COUNTERSIGN_API_PORT", 1, 65_535);
  return {
    host,
    port,
    publicUrl: readPublicUrl(reader),
    signingKeyFile: reader.file("COUNTERSIGN_SIGNING_KEY_FILE"),
    sessionSecret: readSecret(reader, "COUNTERSIGN_SESSION_SECRET", 32) ?? reader.text("COUNTERSIGN_SESSION_SECRET"),
    temporalUiUrl: reader.optionalUrl("COUNTERSIGN_TEMPORAL_UI_URL", WEB),
    codecToken: readSecret(reader, "COUNTERSIGN_CODEC_TOKEN", 24),
    oidc: readOidc(reader),
    slack: readSlack(reader),
  };
}

function readChannels(reader: EnvReader): Own<ChannelsSettings> {
  return {
    publicUrl: readPublicUrl(reader),
    signingKeyFile: reader.file("COUNTERSIGN_SIGNING_KEY_FILE"),
    slack: readSlackAccess(reader),
    postMs: reader.integer("COUNTERSIGN_SLACK_POST_MS", 0, 60_000),
  };
}

function readExecutor(reader: EnvReader): Own<ExecutorSettings> {
  const environment = reader.text("COUNTERSIGN_ENVIRONMENT");
  if (environment !== "" && !/^[a-z0-9][a-z0-9-]{0,62}$/.test(environment)) {
    reader.problem("COUNTERSIGN_ENVIRONMENT", "may hold lower-case letters, digits and hyphens only.");
  }
  return {
    environment,
    secretsDirectory: reader.optionalFile("COUNTERSIGN_SECRETS_DIR"),
    exportsDirectory: reader.text("COUNTERSIGN_EXPORTS_DIR"),
  };
}

function readDatabaseUrl(reader: EnvReader): string {
  const value = reader.url("COUNTERSIGN_DATABASE_URL", ["postgres:", "postgresql:"]);
  if (reader.production && URL.canParse(value)) {
    const { username, password } = new URL(value);
    if (password !== "" && (password === username || DEFAULT_SECRET.test(password))) {
      reader.problem("COUNTERSIGN_DATABASE_URL", "has a password that everybody knows. Give the role one of its own.");
    }
  }
  return value;
}

function readAddress(reader: EnvReader): string {
  const address = reader.text("COUNTERSIGN_TEMPORAL_ADDRESS");
  if (address !== "" && !/^[^\s/:]+:\d{1,5}$|^\[[0-9a-fA-F:]+\]:\d{1,5}$/.test(address)) {
    reader.problem("COUNTERSIGN_TEMPORAL_ADDRESS", "must be host:port, without a protocol.");
  }
  return address;
}

function readPublicUrl(reader: EnvReader): string {
  const value = reader.url("COUNTERSIGN_PUBLIC_URL", WEB);
  requireTls(reader, "COUNTERSIGN_PUBLIC_URL", value);
  return value.replace(/\/+$/, "");
}

function readOidc(reader: EnvReader): ApiSettings["oidc"] {
  const issuer = reader.optionalUrl("COUNTERSIGN_OIDC_ISSUER", WEB);
  const clientId = reader.optional("COUNTERSIGN_OIDC_CLIENT_ID");
  const clientSecret = reader.optional("COUNTERSIGN_OIDC_CLIENT_SECRET");
  if (issuer === null && clientId === null && clientSecret === null) return null;
  if (issuer !== null) requireTls(reader, "COUNTERSIGN_OIDC_ISSUER", issuer);
  return {
    issuer: reader.text("COUNTERSIGN_OIDC_ISSUER"),
    clientId: reader.text("COUNTERSIGN_OIDC_CLIENT_ID"),
    clientSecret: reader.text("COUNTERSIGN_OIDC_CLIENT_SECRET"),
  };
}
