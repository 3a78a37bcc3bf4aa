import { describe, expect, test } from "vitest";
import { readSettings } from "../../config/env.ts";
import { base, namesIn, problemsOf, RANDOM } from "./environments.ts";

describe("Slack", () => {
  const slack = {
    SLACK_BOT_TOKEN: `xoxb-${RANDOM}`,
    SLACK_SIGNING_SECRET: "8f742231b10e8888abcd99yyyzzz85a5",
    COUNTERSIGN_SURFACE_SECRET: RANDOM,
  };
  const { SLACK_SIGNING_SECRET: signingSecret, ...withoutInbound } = slack;
  const access = { botToken: slack.SLACK_BOT_TOKEN, apiUrl: "https://slack.com/api/", surfaceSecret: RANDOM };

  test("comes in over HTTP with a signing secret, or over a socket with an app token", () => {
    expect(readSettings("api", { ...base.api, ...slack, SLACK_APP_ID: "A0APP" }).slack).toEqual({
      ...access,
      appId: "A0APP",
      inbound: { transport: "http", signingSecret },
    });
    const socket = { ...base.api, ...withoutInbound, SLACK_APP_TOKEN: "xapp-1-token" };
    expect(readSettings("api", socket).slack).toEqual({
      ...access,
      appId: null,
      inbound: { transport: "socket", appToken: "xapp-1-token" },
    });
  });

  test.each<[string, Record<string, string>, string, RegExp]>([
    ["both ways in", { ...slack, SLACK_APP_TOKEN: "xapp-1" }, "SLACK_APP_TOKEN", /Keep the one/],
    ["no way in", withoutInbound, "SLACK_SIGNING_SECRET", /or SLACK_APP_TOKEN for Socket Mode/],
    ["a way in and no bot token", { SLACK_SIGNING_SECRET: signingSecret }, "SLACK_SIGNING_SECRET", /both or neither/],
    ["a bot's token as the app's", { ...withoutInbound, SLACK_APP_TOKEN: "xoxb-1" }, "SLACK_APP_TOKEN", /xapp-/],
    [
      "no secret for its buttons",
      { ...slack, COUNTERSIGN_SURFACE_SECRET: "" },
      "COUNTERSIGN_SURFACE_SECRET",
      /not set/,
    ],
    ["an app that is none", { ...slack, SLACK_APP_ID: "T0TEAM" }, "SLACK_APP_ID", /app's id/],
  ])("with %s is refused, and the problem says what to do", (_what, given, name, sentence) => {
    const problems = problemsOf("api", { ...base.api, ...given });
    expect(namesIn(problems)).toEqual([name]);
    expect(problems.join()).toMatch(sentence);
  });

  test("is reached in clear on this machine only, in development too", () => {
    for (const mode of ["production", "development"]) {
      const env = { ...base.channels, COUNTERSIGN_MODE: mode };
      expect(problemsOf("channels", { ...env, SLACK_API_URL: "http://127.0.0.1:4000/api" })).toEqual([]);
      expect(namesIn(problemsOf("channels", { ...env, SLACK_API_URL: "http://10.0.0.7/api/" }))).toEqual([
        "SLACK_API_URL",
      ]);
    }
  });

  test("never gives its signing secret or app token to the channels process", () => {
    const settings = JSON.stringify(
      readSettings("channels", { ...base.channels, ...slack, SLACK_APP_TOKEN: "xapp-1" }),
    );
    expect(settings).not.toContain(signingSecret);
    expect(settings).not.toContain("xapp-1");
  });

  test("tells the channels process where it is, where the pages are and how fast to post", () => {
    expect(readSettings("channels", base.channels)).toMatchObject({
      role: "channels",
      publicUrl: "https://approvals.example.com",
      signingKeyFile: base.channels.COUNTERSIGN_SIGNING_KEY_FILE,
      slack: { ...access, surfaceSecret: `surface-${RANDOM}` },
      postMs: 1100,
    });
  });
});
