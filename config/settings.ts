/**
 * What a process is told by its environment: one type a role, so that no process can ask for a
 * secret that is not its own. config/env.ts reads COUNTERSIGN_* variables into these.
 * `X_FILE` may stand for `X` wherever X is a secret.
 */
export type CommonSettings = {
  /** `development` allows generated keys, development people and review by token. COUNTERSIGN_MODE */
  mode: "development" | "production";
  /** COUNTERSIGN_LOG_LEVEL */
  logLevel: "debug" | "info" | "warn" | "error";
  /** Connection URL of this process's own database role. COUNTERSIGN_DATABASE_URL */
  databaseUrl: string;
  /** COUNTERSIGN_TEMPORAL_ADDRESS, COUNTERSIGN_TEMPORAL_NAMESPACE */
  temporal: { address: string; namespace: string };
  /** Public keys, JSON of crypto/types.ts TrustFile. COUNTERSIGN_TRUST_FILE */
  trustFile: string;
  /** Keyring of the payload codec; null turns the codec off, which production refuses. COUNTERSIGN_PAYLOAD_KEYRING_FILE */
  payloadKeyringFile: string | null;
};

/** What a process needs to talk to Slack. */
export type SlackAccess = {
  /** SLACK_BOT_TOKEN(_FILE) */
  botToken: string;
  /** Where the Web API is. SLACK_API_URL (default https://slack.com/api/) */
  apiUrl: string;
  /** Authenticates the buttons we draw; the API and the channels process share it. COUNTERSIGN_SURFACE_SECRET(_FILE) */
  surfaceSecret: string;
};

/** Exactly one way in: signed HTTP calls, or a socket that we open. */
export type SlackInbound =
  /** SLACK_SIGNING_SECRET(_FILE) */
  | { transport: "http"; signingSecret: string }
  /** SLACK_APP_TOKEN(_FILE) */
  | { transport: "socket"; appToken: string };

export type ApiSettings = CommonSettings & {
  role: "api";
  /** COUNTERSIGN_API_HOST (default 127.0.0.1), COUNTERSIGN_API_PORT (default 8420) */
  host: string;
  port: number;
  /** Where people reach the pages. COUNTERSIGN_PUBLIC_URL */
  publicUrl: string;
  /** Private Ed25519 JWK that signs submissions and messages. COUNTERSIGN_SIGNING_KEY_FILE */
  signingKeyFile: string;
  /** Secret for session cookies. COUNTERSIGN_SESSION_SECRET(_FILE) */
  sessionSecret: string;
  /** Linked from the request page; null hides the link. COUNTERSIGN_TEMPORAL_UI_URL */
  temporalUiUrl: string | null;
  /** One-time operator token of the codec endpoint; null turns the endpoint off. COUNTERSIGN_CODEC_TOKEN(_FILE) */
  codecToken: string | null;
  /** OpenID Connect for people; null means sign-in links only. COUNTERSIGN_OIDC_{ISSUER,CLIENT_ID,CLIENT_SECRET} */
  oidc: { issuer: string; clientId: string; clientSecret: string } | null;
  /** null: nothing is taken from Slack. `appId` null: asked of Slack at the start. SLACK_APP_ID */
  slack: (SlackAccess & { inbound: SlackInbound; appId: string | null }) | null;
};

export type ChannelsSettings = CommonSettings & {
  role: "channels";
  /** Where people reach the pages. COUNTERSIGN_PUBLIC_URL */
  publicUrl: string;
  /** Private Ed25519 JWK that signs identifications and nothing else. COUNTERSIGN_SIGNING_KEY_FILE */
  signingKeyFile: string;
  slack: SlackAccess;
  /** Milliseconds between two posts into one conversation. COUNTERSIGN_SLACK_POST_MS (default 1100) */
  postMs: number;
};

export type WorkflowsSettings = CommonSettings & {
  role: "workflows";
  /** Seconds without a heartbeat after which Temporal gives an attempt up and tries another executor. COUNTERSIGN_HEARTBEAT_SECONDS */
  heartbeatSeconds: number;
};

export type ExecutorSettings = CommonSettings & {
  role: "executor";
  /** Serves the queue execute-<environment>. COUNTERSIGN_ENVIRONMENT */
  environment: string;
  /** Directory of files named like the secrets targets refer to; the process environment comes first. COUNTERSIGN_SECRETS_DIR */
  secretsDirectory: string | null;
  /** Root of every target's export directory. COUNTERSIGN_EXPORTS_DIR */
  exportsDirectory: string;
};
