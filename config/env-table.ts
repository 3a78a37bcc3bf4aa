/** Every variable a process reads. docs/ENVIRONMENT.md is made from this table, and the compose files are compared with it. */
export type Variable = {
  name: string;
  roles: readonly Role[];
  /** May be given as a file instead: NAME_FILE. */
  secret: boolean;
  /** What holds when it is not set; null: it must be set, or its absence means something (see the sentence). */
  default: string | null;
  /** The same in development mode only. */
  developmentDefault: string | null;
  sentence: string;
};

export const ROLES = ["api", "workflows", "executor", "channels", "cli"] as const;
export type Role = (typeof ROLES)[number];

const servers = ["api", "workflows", "executor", "channels"] as const;
const plain = { secret: false, default: null, developmentDefault: null } as const;
const secret = { secret: true, default: null, developmentDefault: null } as const;

const table = {
  COUNTERSIGN_MODE: {
    ...plain,
    roles: servers,
    default: "production",
    sentence: "development or production. Development allows generated keys, development people and review by token.",
  },
  COUNTERSIGN_ROLE: {
    ...plain,
    roles: ["workflows", "executor", "channels"],
    sentence: "Which worker this process is: workflows, executor or channels.",
  },
  COUNTERSIGN_LOG_LEVEL: { ...plain, roles: servers, default: "info", sentence: "debug, info, warn or error." },
  COUNTERSIGN_DATABASE_URL: {
    ...secret,
    roles: [...servers, "cli"],
    sentence:
      "postgres:// URL of this process's own role: countersign_app for api, workflows and channels, countersign_executor for executor, the migrator's for operators' commands.",
  },
  COUNTERSIGN_TEMPORAL_ADDRESS: {
    ...plain,
    roles: servers,
    developmentDefault: "127.0.0.1:7233",
    sentence: "host:port of the Temporal frontend. TLS and API keys come from Temporal's own TEMPORAL_* variables.",
  },
  COUNTERSIGN_TEMPORAL_NAMESPACE: { ...plain, roles: servers, default: "default", sentence: "Temporal namespace." },
  COUNTERSIGN_TRUST_FILE: {
    ...plain,
    roles: servers,
    sentence: "File of the public keys this process believes. Each process has its own copy.",
  },
  COUNTERSIGN_PAYLOAD_KEYRING_FILE: {
    ...plain,
    roles: servers,
    sentence: "File of the keys that encrypt what Temporal stores. Only development runs without.",
  },
  COUNTERSIGN_API_HOST: { ...plain, roles: ["api"], default: "127.0.0.1", sentence: "Address to listen on." },
  COUNTERSIGN_API_PORT: { ...plain, roles: ["api"], default: "8420", sentence: "Port to listen on." },
  COUNTERSIGN_PUBLIC_URL: {
    ...plain,
    roles: ["api", "channels", "cli"],
    developmentDefault: "http://127.0.0.1:8420",
    sentence: "Where people reach the pages. https, unless it is this machine.",
  },
  COUNTERSIGN_SIGNING_KEY_FILE: {
    ...plain,
    roles: ["api", "channels"],
    sentence:
      "File of this process's own private key: the API's signs submissions and messages, that of channels signs who was behind an account and nothing else.",
  },
  COUNTERSIGN_SESSION_SECRET: {
    ...secret,
    roles: ["api"],
    sentence: "At least 32 random characters; sessions are signed with it.",
  },
  COUNTERSIGN_TEMPORAL_UI_URL: {
    ...plain,
    roles: ["api"],
    sentence: "Temporal's web UI, linked from the request page. Not set: no link.",
  },
  COUNTERSIGN_CODEC_TOKEN: {
    ...secret,
    roles: ["api"],
    sentence: "At least 24 random characters; opens the codec endpoint to an operator. Not set: no endpoint.",
  },
  COUNTERSIGN_OIDC_ISSUER: {
    ...plain,
    roles: ["api"],
    sentence: "OpenID Connect issuer people sign in with. Not set: sign-in links only.",
  },
  COUNTERSIGN_OIDC_CLIENT_ID: { ...plain, roles: ["api"], sentence: "Our client id at the issuer." },
  COUNTERSIGN_OIDC_CLIENT_SECRET: { ...secret, roles: ["api"], sentence: "Our client secret at the issuer." },
  SLACK_BOT_TOKEN: {
    ...secret,
    roles: ["api", "channels", "cli"],
    sentence: "The app's bot token, xoxb-…. Not set: nobody answers in Slack.",
  },
  SLACK_SIGNING_SECRET: {
    ...secret,
    roles: ["api", "cli"],
    sentence: "The app's signing secret, with which the API checks what Slack sends over HTTP.",
  },
  SLACK_APP_TOKEN: {
    ...secret,
    roles: ["api", "cli"],
    sentence: "The app-level token, xapp-…, of Socket Mode; in the place of SLACK_SIGNING_SECRET, never beside it.",
  },
  SLACK_API_URL: {
    ...plain,
    roles: ["api", "channels", "cli"],
    default: "https://slack.com/api/",
    sentence: "Where Slack's Web API is. https, unless it is this machine.",
  },
  SLACK_APP_ID: {
    ...plain,
    roles: ["api"],
    sentence: "Id of the app, A…; what comes from another app is refused. Not set: asked of Slack at the start.",
  },
  COUNTERSIGN_SURFACE_SECRET: {
    ...secret,
    roles: ["api", "channels"],
    sentence: "At least 32 random characters, the same in both processes; buttons are authenticated with it.",
  },
  COUNTERSIGN_SLACK_POST_MS: {
    ...plain,
    roles: ["channels"],
    default: "1100",
    sentence: "Milliseconds between two posts into one conversation, 0 to 60000.",
  },
  COUNTERSIGN_HEARTBEAT_SECONDS: {
    ...plain,
    roles: ["workflows"],
    default: "10",
    sentence: "Seconds without a heartbeat after which an execution is given up, 1 to 300.",
  },
  COUNTERSIGN_ENVIRONMENT: {
    ...plain,
    roles: ["executor"],
    sentence: "Environment whose targets this executor serves; also the name of its queue.",
  },
  COUNTERSIGN_SECRETS_DIR: {
    ...plain,
    roles: ["executor"],
    sentence: "Directory of files named like the secrets that targets refer to. Not set: environment variables only.",
  },
  COUNTERSIGN_EXPORTS_DIR: {
    ...plain,
    roles: ["executor"],
    sentence: "Directory under which every target has its own export directory.",
  },
  COUNTERSIGN_URL: { ...plain, roles: ["cli"], sentence: "Address of the API that the command line talks to." },
  COUNTERSIGN_TOKEN: { ...secret, roles: ["cli"], sentence: "Key or personal token the command line uses." },
  COUNTERSIGN_OPERATOR_KEY_FILE: {
    ...plain,
    roles: ["cli"],
    sentence: "File of the operator's private key, with which `countersign apply` signs the configuration.",
  },
  COUNTERSIGN_APP_PASSWORD: {
    ...secret,
    roles: ["cli"],
    sentence: "Password that `countersign migrate` gives the role countersign_app.",
  },
  COUNTERSIGN_EXECUTOR_PASSWORD: {
    ...secret,
    roles: ["cli"],
    sentence: "Password that `countersign migrate` gives the role countersign_executor.",
  },
} as const satisfies Record<string, Omit<Variable, "name">>;

export type VariableName = keyof typeof table;
export const VARIABLES: readonly Variable[] = Object.entries(table).map(([name, row]) => ({ name, ...row }));
export function variable(name: VariableName): Omit<Variable, "name"> {
  return table[name];
}
