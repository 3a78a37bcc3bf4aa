import type { EnvReader } from "./env-reader.ts";
import { isClear, readSecret, WEB } from "./env-rules.ts";
import type { VariableName } from "./env-table.ts";
import type { ApiSettings, SlackAccess, SlackInbound } from "./settings.ts";

/** Slack is set whole or not at all: a token alone would post buttons whose answers nobody takes. */
export function readSlack(reader: EnvReader): ApiSettings["slack"] {
  const given = INBOUND_ONLY.filter((name) => reader.optional(name) !== null);
  if (reader.optional("SLACK_BOT_TOKEN") === null) {
    for (const name of given) reader.problem(name, "is set, and SLACK_BOT_TOKEN is not. Set both or neither.");
    return null;
  }
  return { ...readSlackAccess(reader), inbound: readInbound(reader), appId: readAppId(reader) };
}

const INBOUND_ONLY = ["SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN"] as const;

export function readSlackAccess(reader: EnvReader): SlackAccess {
  const apiUrl = reader.url("SLACK_API_URL", WEB);
  if (isClear(apiUrl)) reader.problem("SLACK_API_URL", "must be https, unless it is this machine.");
  const surfaceSecret = readSecret(reader, "COUNTERSIGN_SURFACE_SECRET", 32);
  return {
    botToken: readToken(reader, "SLACK_BOT_TOKEN", "xoxb-"),
    apiUrl: apiUrl.endsWith("/") ? apiUrl : `${apiUrl}/`,
    surfaceSecret: surfaceSecret ?? reader.text("COUNTERSIGN_SURFACE_SECRET"),
  };
}

function readInbound(reader: EnvReader): SlackInbound {
  const signingSecret = reader.optional("SLACK_SIGNING_SECRET");
  const socket = reader.optional("SLACK_APP_TOKEN") !== null;
  if (signingSecret !== null && socket) {
    reader.problem(
      "SLACK_APP_TOKEN",
      "and SLACK_SIGNING_SECRET are both set. Keep the one whose way Slack takes to us.",
    );
  }
  if (socket) return { transport: "socket", appToken: readToken(reader, "SLACK_APP_TOKEN", "xapp-") };
  if (signingSecret === null) {
    reader.problem("SLACK_SIGNING_SECRET", "is not set. Set it for HTTP, or SLACK_APP_TOKEN for Socket Mode.");
  } else if (signingSecret.length < 16) {
    reader.problem("SLACK_SIGNING_SECRET", "is shorter than 16 characters.");
  }
  return { transport: "http", signingSecret: signingSecret ?? "" };
}

/** The kind of token is in its first letters: a user's token or the two exchanged would do other things. */
function readToken(reader: EnvReader, name: VariableName, prefix: string): string {
  const token = reader.text(name);
  if (token !== "" && !token.startsWith(prefix)) reader.problem(name, `must begin with ${prefix}.`);
  return token;
}

function readAppId(reader: EnvReader): string | null {
  const id = reader.optional("SLACK_APP_ID");
  if (id !== null && !/^A[A-Z0-9]{2,20}$/.test(id)) reader.problem("SLACK_APP_ID", "must be an app's id, A….");
  return id;
}
