import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { SCOPES } from "../../cli/doctor/slack-scopes.ts";
import type { SlackSettings } from "../../config/configuration.ts";

type Manifest = {
  features: { slash_commands: { command: string; url?: string; should_escape: boolean }[]; app_home: object };
  oauth_config: { scopes: { bot: string[]; user?: string[] } };
  settings: {
    event_subscriptions: { request_url?: string; bot_events: string[] };
    interactivity: { is_enabled: boolean; request_url?: string };
    socket_mode_enabled: boolean;
  };
};
const text = (name: string) => readFileSync(`deploy/${name}.yaml`, "utf8");
const http = parse(text("slack-manifest")) as Manifest;
const socket = parse(text("slack-manifest-socket")) as Manifest;

const settings: SlackSettings = {
  ...{ team: "T01", allowDecisions: true, blockStyle: "classic", emailDomains: [], userGroups: [] },
  conversations: [{ id: "C01", groups: [] }],
};
const scopesFor = (slack: SlackSettings) => SCOPES.filter(({ needed }) => needed(slack)).map(({ scope }) => scope);

test("the app asks for exactly the scopes that the doctor looks for", () => {
  expect([...http.oauth_config.scopes.bot].sort()).toEqual(scopesFor(settings).sort());
  expect(http.oauth_config.scopes.user).toBeUndefined();
});

test("what only a setting needs is asked for by taking a comment away, and the comment says which setting", () => {
  const all = scopesFor({
    ...{ ...settings, emailDomains: ["example.com"] },
    userGroups: [{ group: "group:a", userGroup: "S01" }],
  });
  const optional = all.filter((scope) => !http.oauth_config.scopes.bot.includes(scope));
  expect(optional.length).toBe(2);
  for (const name of ["slack-manifest", "slack-manifest-socket"]) {
    for (const scope of optional) {
      expect(text(name)).toMatch(new RegExp(`# Only with slack\\.[a-z_]+ in countersign\\.yaml:\\n +# - ${scope}\\n`));
    }
  }
});

test("over HTTP Slack sends everything to the one address that the API has", () => {
  const [command] = http.features.slash_commands;
  const { event_subscriptions: events, interactivity } = http.settings;
  const urls = [command?.url, events.request_url, interactivity.request_url];
  expect(new Set(urls)).toEqual(new Set(["https://approvals.example.com/slack/events"]));
  expect(readFileSync("api/slack/http-receiver.ts", "utf8")).toContain('"/slack/events"');
});

test("with Socket Mode it is the same app without any address", () => {
  const withoutAddresses = JSON.parse(
    JSON.stringify(http, (key, value: unknown) => (["url", "request_url"].includes(key) ? undefined : value)),
  ) as Manifest;
  withoutAddresses.settings.socket_mode_enabled = true;
  expect(socket).toEqual(withoutAddresses);
  expect(text("slack-manifest-socket")).not.toContain("approvals.example.com");
});

test("a colleague's name reaches /approvals as an id, and the home tab and buttons are on", () => {
  expect(http.features.slash_commands).toEqual([
    expect.objectContaining({ command: "/approvals", should_escape: true }),
  ]);
  expect(http.features.app_home).toMatchObject({ home_tab_enabled: true, messages_tab_enabled: true });
  expect(http.settings.event_subscriptions.bot_events).toEqual(["app_home_opened"]);
  expect(http.settings.interactivity.is_enabled).toBe(true);
});
