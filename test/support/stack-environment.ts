import type { DevelopmentKeys } from "../../config/development-keys.ts";
import type { Slack } from "./slack/slack.ts";

/** Which process, as a person would start it: `node api/main.ts`, `node worker/main.ts` with a role. */
export type Role = "api" | "workflows" | "executor" | "channels";

export type EnvironmentInput = {
  url: string;
  temporalAddress: string;
  namespace: string;
  databaseUrls: { app: string; executor: string };
  keys: DevelopmentKeys;
  exports: string;
  crm: { describeUrl: string; exportUrl: string };
  heartbeatSeconds: number;
  logLevel: "info" | "debug";
  slack: Slack | null;
  postMs: number;
};

/** Each process with what its own role needs, and nothing of another's. */
export function environmentOf(role: Role, input: EnvironmentInput): Record<string, string> {
  const { keys, databaseUrls, slack } = input;
  const common = {
    PATH: process.env.PATH ?? "",
    COUNTERSIGN_MODE: "development",
    COUNTERSIGN_LOG_LEVEL: input.logLevel,
    COUNTERSIGN_TEMPORAL_ADDRESS: input.temporalAddress,
    COUNTERSIGN_TEMPORAL_NAMESPACE: input.namespace,
    COUNTERSIGN_TRUST_FILE: keys.trustFile,
    COUNTERSIGN_PAYLOAD_KEYRING_FILE: keys.payloadKeyringFile,
    COUNTERSIGN_HEARTBEAT_SECONDS: String(input.heartbeatSeconds),
  };
  switch (role) {
    case "api":
      return {
        ...common,
        COUNTERSIGN_DATABASE_URL: databaseUrls.app,
        COUNTERSIGN_API_PORT: new URL(input.url).port,
        COUNTERSIGN_PUBLIC_URL: input.url,
        COUNTERSIGN_SIGNING_KEY_FILE: keys.apiSigningKeyFile,
        COUNTERSIGN_SESSION_SECRET: "a-session-secret-for-tests-only-0123456789",
        ...(slack === null ? {} : { ...slackAccess(slack), ...slackInbound(slack) }),
      };
    case "workflows":
      return { ...common, COUNTERSIGN_ROLE: role, COUNTERSIGN_DATABASE_URL: databaseUrls.app };
    case "executor":
      return {
        ...common,
        COUNTERSIGN_ROLE: role,
        COUNTERSIGN_DATABASE_URL: databaseUrls.executor,
        COUNTERSIGN_ENVIRONMENT: "production",
        COUNTERSIGN_EXPORTS_DIR: input.exports,
        CRM_DESCRIBE_URL: input.crm.describeUrl,
        CRM_EXPORT_URL: input.crm.exportUrl,
      };
    case "channels":
      return {
        ...common,
        COUNTERSIGN_ROLE: role,
        COUNTERSIGN_DATABASE_URL: databaseUrls.app,
        COUNTERSIGN_PUBLIC_URL: input.url,
        COUNTERSIGN_SIGNING_KEY_FILE: keys.channelsSigningKeyFile,
        COUNTERSIGN_SLACK_POST_MS: String(input.postMs),
        ...(slack === null ? {} : slackAccess(slack)),
      };
  }
}

export const SURFACE_SECRET = "a-surface-secret-for-tests-only-0123456789";

function slackAccess({ apiUrl, workspace }: Slack): Record<string, string> {
  return {
    SLACK_BOT_TOKEN: workspace.app.botToken,
    SLACK_API_URL: apiUrl,
    COUNTERSIGN_SURFACE_SECRET: SURFACE_SECRET,
  };
}

function slackInbound({ transport, workspace: { app } }: Slack): Record<string, string> {
  const way = transport === "http" ? { SLACK_SIGNING_SECRET: app.signingSecret } : { SLACK_APP_TOKEN: app.appToken };
  return { ...way, SLACK_APP_ID: app.id };
}
