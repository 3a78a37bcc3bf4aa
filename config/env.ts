import { createEnvReader, type Environment, type EnvReader } from "./env-reader.ts";
import type { ApiSettings, CommonSettings, ExecutorSettings, WorkflowsSettings } from "./settings.ts";

export type SettingsOf = { api: ApiSettings; workflows: WorkflowsSettings; executor: ExecutorSettings };

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

const WEB = ["https:", "http:"];

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

/** What examples, images and tutorials use as a password. */
const DEFAULT_SECRET =
  /^(postgres|password|countersign(_app|_executor)?|admin|root|secret|test|1234\d*|dev)$|change[-_ ]?me|example|default|development|insecure|for-tests/i;

function readSecret(
  reader: EnvReader,
  name: "COUNTERSIGN_SESSION_SECRET" | "COUNTERSIGN_CODEC_TOKEN",
  minChars: number,
): string | null {
  const value = reader.optional(name);
  if (value === null) return null;
  if (value.length < minChars) reader.problem(name, `is shorter than ${minChars} characters.`);
  else if (reader.production && (DEFAULT_SECRET.test(value) || new Set(value).size < 8)) {
    reader.problem(name, "is not random. `openssl rand -base64 32` makes one.");
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

/** Cookies, codes and passwords travel there: in clear on this machine only. */
function requireTls(
  reader: EnvReader,
  name: "COUNTERSIGN_PUBLIC_URL" | "COUNTERSIGN_OIDC_ISSUER",
  value: string,
): void {
  if (!reader.production || !URL.canParse(value)) return;
  const { protocol, hostname } = new URL(value);
  const loopback = hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
  if (protocol !== "https:" && !loopback) reader.problem(name, "must be https, unless it is this machine.");
}
