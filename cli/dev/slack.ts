import type { ConfigurationFiles } from "../apply-configuration.ts";
import { draftOf } from "../apply-configuration.ts";
import { CommandFailure } from "../exit-codes.ts";

/** Where people answer besides the pages: nowhere, in a double on this machine, or in a real workspace. */
export type SlackChoice = "none" | "double" | "workspace";

/** What the two processes that speak to Slack are told. */
export type SlackEnvironment = { api: NodeJS.ProcessEnv; channels: NodeJS.ProcessEnv };

/** `--slack-double` wins over what the environment says. */
export function chooseSlack(slackDouble: boolean, env: NodeJS.ProcessEnv): SlackChoice {
  if (slackDouble) return "double";
  const isSet = (name: string) => Boolean(env[name]) || Boolean(env[`${name}_FILE`]);
  const ways = ["SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN"].filter(isSet);
  const token = isSet("SLACK_BOT_TOKEN");
  if (!token && ways.length === 0) return "none";
  if (token && ways.length === 1) return "workspace";
  const sentence = token
    ? ways.length === 0
      ? "SLACK_BOT_TOKEN is set, and nothing says how Slack's clicks arrive."
      : "SLACK_SIGNING_SECRET and SLACK_APP_TOKEN are both set, and only one way leads in."
    : `${ways.join(" and ")} is set, and SLACK_BOT_TOKEN is not.`;
  throw new CommandFailure("refused", "SLACK_INCOMPLETE", sentence, {
    next:
      "Set SLACK_BOT_TOKEN with SLACK_APP_TOKEN (Socket Mode, no public address needed) or with " +
      "SLACK_SIGNING_SECRET (HTTP); or unset all of them.",
  });
}

/** A workspace's tokens are of no use while the configuration does not say who is who in it. */
export function requireSlackSection(files: ConfigurationFiles): void {
  if (draftOf(files).slack !== null) return;
  throw new CommandFailure("refused", "SLACK_NOT_CONFIGURED", "countersign.yaml has no slack section.", {
    lines: [
      "Add to it, with ids of your workspace (in Slack: About, at the bottom of a channel's details and of a profile):",
      "",
      "  slack:",
      "    team: T…",
      "    conversations:",
      "      - { id: C… }",
      "",
      "and to each person who answers there: slack: U…",
    ],
    next: "Then start again; or unset SLACK_BOT_TOKEN, or try npm start -- --slack-double.",
  });
}

/** The variables of a real workspace as they were given; buttons are authenticated with a secret of this clone. */
export function workspaceEnvironment(env: NodeJS.ProcessEnv, surfaceSecret: string): SlackEnvironment {
  const given = (...names: string[]) =>
    Object.fromEntries(names.filter((name) => env[name]).map((name) => [name, env[name]]));
  const shared = {
    ...given("SLACK_BOT_TOKEN", "SLACK_BOT_TOKEN_FILE", "SLACK_API_URL"),
    COUNTERSIGN_SURFACE_SECRET: surfaceSecret,
  };
  const inbound = ["SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN"].flatMap((name) => [name, `${name}_FILE`]);
  return {
    api: { ...shared, ...given(...inbound, "SLACK_APP_ID") },
    channels: { ...shared, ...given("COUNTERSIGN_SLACK_POST_MS") },
  };
}
