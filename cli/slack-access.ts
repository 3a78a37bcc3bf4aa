import type { WebClient } from "@slack/web-api";
import type { ChannelFailure } from "../channels/channel.ts";
import { createSlackClient } from "../channels/slack/client.ts";
import { fixOf, slackFailure } from "../channels/slack/failure.ts";
import { createEnvReader } from "../config/env-reader.ts";
import { isClear, WEB } from "../config/env-rules.ts";
import { CommandFailure } from "./exit-codes.ts";

/** What this shell was given of Slack; each null where it was not. */
export type SlackShell = {
  botToken: string | null;
  apiUrl: string;
  signingSecret: string | null;
  appToken: string | null;
  publicUrl: string | null;
};

/** Reads SLACK_* as the processes do, files included; throws CONFIGURATION_INVALID for what cannot be right. */
export function slackShell(env: NodeJS.ProcessEnv = process.env): SlackShell {
  const reader = createEnvReader(env);
  const apiUrl = reader.url("SLACK_API_URL", WEB);
  if (isClear(apiUrl)) reader.problem("SLACK_API_URL", "must be https, unless it is this machine.");
  const shell = {
    botToken: reader.optional("SLACK_BOT_TOKEN"),
    apiUrl: apiUrl.endsWith("/") ? apiUrl : `${apiUrl}/`,
    signingSecret: reader.optional("SLACK_SIGNING_SECRET"),
    appToken: reader.optional("SLACK_APP_TOKEN"),
    publicUrl: reader.optionalUrl("COUNTERSIGN_PUBLIC_URL", WEB)?.replace(/\/+$/, "") ?? null,
  };
  reader.finish();
  return shell;
}

/** What the library would complain of comes back as the failure of the call. */
export function slackClient(token: string, apiUrl: string): WebClient {
  return createSlackClient({ botToken: token, apiUrl }, { warn() {} });
}

/** What a failed call means to an operator: Slack's word, and what to do about it. */
export function slackCommandFailure(what: string, error: unknown): CommandFailure {
  const failure = slackFailure(error);
  const exit = failure.kind === "refused" || failure.code in NEXT ? "refused" : "notReachable";
  return new CommandFailure(exit, "SLACK_FAILED", `${what}: Slack says ${failure.code}.`, { next: nextStep(failure) });
}

export function nextStep({ code, kind }: ChannelFailure): string {
  const known = NEXT[code] ?? fixOf(code);
  if (known !== null) return known;
  return kind === "refused" ? "Slack's page on the method explains this word." : "Try again in a moment.";
}

const NEXT: { readonly [code: string]: string } = {
  no_such_subteam: "Correct the id of the user group, S…, in countersign.yaml.",
  subteam_not_found: "Correct the id of the user group, S…, in countersign.yaml.",
  invalid_auth: "Give SLACK_BOT_TOKEN the token of the app as it is installed in this workspace.",
};
