import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from "@slack/web-api";
import { ChannelFailure, type FailureKind } from "../channel.ts";

/** What became of a call, whatever Slack's library threw. Nothing of an answer's text goes into it. */
export function slackFailure(error: unknown): ChannelFailure {
  if (error instanceof ChannelFailure) return error;
  if (error instanceof WebAPIRateLimitedError) {
    return new ChannelFailure("later", "ratelimited", Math.max(1, error.retryAfter) * 1000);
  }
  if (error instanceof WebAPIPlatformError) return answered(error);
  if (error instanceof WebAPIHTTPError) {
    const kind = error.statusCode >= 500 || error.statusCode === 408 ? "uncertain" : "later";
    return new ChannelFailure(kind, `http_${error.statusCode}`);
  }
  if (error instanceof WebAPIRequestError) {
    const code = systemCode(error.original);
    const sent = code === null || !NOT_SENT.has(code);
    return new ChannelFailure(sent ? "uncertain" : "later", code ?? "no_answer");
  }
  // A 429 that does not say how long to wait is thrown as an error without a class.
  if (error instanceof Error && error.message.startsWith(NO_RETRY_AFTER)) {
    return new ChannelFailure("later", "ratelimited");
  }
  // The connection broke while the answer was read, for example.
  return new ChannelFailure("uncertain", "no_answer");
}

/** What somebody has to do before such a call can succeed; null for codes that need nobody. */
export function fixOf(code: string): string | null {
  return REFUSED.get(code) ?? null;
}

function answered({ data }: WebAPIPlatformError): ChannelFailure {
  const { error } = data;
  // What is not JSON was not written by Slack, so it does not say what became of the call.
  if (typeof error !== "string" || !/^[a-z][a-z0-9_]{0,60}$/.test(error)) {
    return new ChannelFailure("uncertain", "unreadable_answer");
  }
  const seconds = data.response_metadata?.retryAfter;
  const wait = typeof seconds === "number" && seconds > 0 ? seconds * 1000 : null;
  return new ChannelFailure(kindOf(error), error, wait);
}

function kindOf(code: string): FailureKind {
  if (REFUSED.has(code)) return "refused";
  if (GONE.has(code)) return "gone";
  return UNCERTAIN.has(code) ? "uncertain" : "later";
}

const NO_RETRY_AFTER = "Retry header did not contain a valid timeout";

/** Nobody was there to take the call. */
const NOT_SENT = new Set([
  ...["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"],
  "UND_ERR_CONNECT_TIMEOUT",
]);

function systemCode(error: Error): string | null {
  const { cause } = error;
  if (error.name === "TimeoutError") return "timeout";
  if (typeof cause !== "object" || cause === null || !("code" in cause)) return null;
  return typeof cause.code === "string" ? cause.code : null;
}

const GONE = new Set([
  "message_not_found",
  "cant_update_message",
  "edit_window_closed",
  "thread_not_found",
  "cannot_reply_to_message",
]);

/** Slack says of these that a part of the call may have been done. */
const UNCERTAIN = new Set(["fatal_error", "internal_error", "service_unavailable", "request_timeout"]);

const TOKEN = "Install the app in the workspace again and give the processes its bot token.";
const INVITE = "Invite the app to the conversation, or take the conversation out of countersign.yaml.";
const CONTENT = "Slack did not take what we drew. Set slack.blockStyle to plain and tell us about it.";
const RIGHTS = "Ask an administrator of the workspace to let the app post there.";

const REFUSED: ReadonlyMap<string, string> = new Map(
  Object.entries({
    invalid_auth: TOKEN,
    not_authed: TOKEN,
    account_inactive: TOKEN,
    token_revoked: TOKEN,
    token_expired: TOKEN,
    not_allowed_token_type: TOKEN,
    missing_scope: "Add the scopes of deploy/slack-manifest.yaml to the app and install it again.",
    no_permission: RIGHTS,
    team_access_not_granted: RIGHTS,
    ekm_access_denied: RIGHTS,
    restricted_action: RIGHTS,
    restricted_action_read_only_channel: RIGHTS,
    restricted_action_thread_only_channel: RIGHTS,
    restricted_action_non_threadable_channel: RIGHTS,
    not_in_channel: INVITE,
    channel_not_found: INVITE,
    is_archived: "Restore the conversation, or take it out of countersign.yaml.",
    user_not_found: "Correct the account in countersign.yaml.",
    user_disabled: "The account is switched off; correct it in countersign.yaml.",
    cannot_dm_bot: "The account is a bot's; correct it in countersign.yaml.",
    messages_tab_disabled: "Switch on the messages tab of the app's home.",
    invalid_blocks: CONTENT,
    invalid_blocks_format: CONTENT,
    msg_too_long: CONTENT,
    msg_blocks_too_long: CONTENT,
    invalid_metadata_format: CONTENT,
    metadata_too_large: CONTENT,
  }),
);
