import { afterAll, beforeAll, expect, inject, test } from "vitest";
import type { Finding } from "../../cli/doctor/check.ts";
import { ONE_OWNER } from "../support/configuration.ts";
import { runCli } from "../support/run-cli.ts";
import { WORKSPACE } from "../support/slack/workspace.ts";
import { type Stack, startStack } from "../support/stack.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({
    ...{ postgresUrl: inject("postgresUrl"), temporalAddress: inject("temporalAddress"), policies: ONE_OWNER },
    slack: { transport: "http" },
  });
}, 120_000);
afterAll(async () => {
  await stack?.stop();
});

test("of everything that really runs, the doctor finds nothing wrong: configuration, token, request URL, conversations", async () => {
  const env = {
    COUNTERSIGN_DATABASE_URL: stack.databaseUrls.app,
    COUNTERSIGN_PUBLIC_URL: stack.url,
    SLACK_API_URL: stack.slack.apiUrl,
    SLACK_BOT_TOKEN: WORKSPACE.app.botToken,
    SLACK_SIGNING_SECRET: WORKSPACE.app.signingSecret,
  };
  const run = await runCli(["doctor", "slack", "--json"], { env });
  const { findings } = JSON.parse(run.stdout) as { findings: Finding[] };
  expect(findings.filter(({ result }) => result === "wrong")).toEqual([]);
  expect(run.code).toBe(0);
  const fine = findings.filter(({ result }) => result === "ok").map(({ check }) => check);
  expect(fine).toEqual(expect.arrayContaining(["configuration", "bot token", "scopes", "request URL", "cards"]));
});
