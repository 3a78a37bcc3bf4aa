import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { draftOf, readConfigurationFiles } from "../../cli/apply-configuration.ts";
import { devSecrets } from "../../cli/dev/secrets.ts";
import { chooseSlack, requireSlackSection, workspaceEnvironment } from "../../cli/dev/slack.ts";
import { doubleEnvironment, doubleWorkspace, withDouble } from "../../cli/dev/slack-double/workspace.ts";
import { generateDevelopmentKeys } from "../../config/development-keys.ts";
import { readSettings } from "../../config/env.ts";

const FILES = readConfigurationFiles("countersign.yaml", "policies");
const { directory } = draftOf(FILES);

let keys: string;
beforeEach(() => {
  keys = mkdtempSync(join(tmpdir(), "countersign-secrets-"));
});
afterEach(() => rmSync(keys, { recursive: true, force: true }));

test("in the double everybody has an account of their own, and cards are shown in one conversation", () => {
  const workspace = doubleWorkspace(directory);
  const draft = draftOf(withDouble(FILES, workspace));
  const accounts = draft.directory.people.flatMap((person) => person.accounts);
  expect(new Set(accounts).size).toBe(directory.people.length);
  expect(draft.slack).toMatchObject({
    team: workspace.team,
    allowDecisions: true,
    blockStyle: "plain",
    conversations: [{ id: workspace.channels[0]?.id, groups: [] }],
  });
  expect({ ...draft, slack: null, directory: null }).toEqual({ ...draftOf(FILES), slack: null, directory: null });
});

test("a real workspace in the file gives way to the double for that start, and somebody switched off has no account", () => {
  const text = FILES.configuration.text
    .replace("{ id: alice,", "{ id: alice, slack: U0REAL001,")
    .replace("{ id: frank,", "{ id: frank, active: false, slack: U0REAL002,")
    .concat(
      "\nslack: { team: T0REAL001, conversations: [{ id: C0REAL001 }], user_groups: { data-owners: S0REAL001 } }\n",
    );
  const files = { ...FILES, configuration: { ...FILES.configuration, text } };
  const workspace = doubleWorkspace(draftOf(files).directory);
  const draft = draftOf(withDouble(files, workspace));
  expect(JSON.stringify(draft)).not.toContain("0REAL");
  expect(draft.directory.people.find(({ id }) => id === "person:frank")?.accounts).toEqual([]);
  expect(draft.slack?.userGroups).toEqual([]);
});

test("what the double's start gives the processes is a configuration they take, each with its own secrets", async () => {
  const files = await generateDevelopmentKeys(keys);
  const { surfaceSecret } = devSecrets(keys);
  const workspace = doubleWorkspace(directory);
  const { api, channels } = doubleEnvironment(workspace, "http://127.0.0.1:8430/api/", surfaceSecret);
  const common = {
    COUNTERSIGN_DATABASE_URL: "postgres://countersign_app:secret@127.0.0.1/countersign",
    COUNTERSIGN_TEMPORAL_ADDRESS: "127.0.0.1:7233",
    COUNTERSIGN_TEMPORAL_NAMESPACE: "countersign",
    COUNTERSIGN_MODE: "development",
    COUNTERSIGN_TRUST_FILE: files.trustFile,
    COUNTERSIGN_SIGNING_KEY_FILE: files.channelsSigningKeyFile,
    COUNTERSIGN_PAYLOAD_KEYRING_FILE: files.payloadKeyringFile,
    COUNTERSIGN_PUBLIC_URL: "http://127.0.0.1:8420",
  };
  const told = readSettings("channels", { ...common, COUNTERSIGN_ROLE: "channels", ...channels });
  expect(told).toMatchObject({ postMs: 0, slack: { botToken: workspace.app.botToken, surfaceSecret } });
  const { sessionSecret } = devSecrets(keys);
  const asked = readSettings("api", { ...common, COUNTERSIGN_SESSION_SECRET: sessionSecret, ...api });
  expect(asked.slack?.inbound).toEqual({ transport: "http", signingSecret: workspace.app.signingSecret });
  expect(JSON.stringify(channels)).not.toContain(workspace.app.signingSecret);
});

test("a clone that was started before Slack keeps its secrets and gets the new one, once", () => {
  const before = { appPassword: "a", executorPassword: "b", sessionSecret: "c", codecToken: "d" };
  writeFileSync(join(keys, "secrets.json"), JSON.stringify(before));
  const secrets = devSecrets(keys);
  expect(secrets).toMatchObject(before);
  expect(secrets.surfaceSecret.length).toBeGreaterThanOrEqual(32);
  expect(devSecrets(keys)).toEqual(secrets);
  expect(JSON.parse(readFileSync(join(keys, "secrets.json"), "utf8"))).toEqual(secrets);
});

test("the flag wins over the environment; nothing set is nothing started; a token's file stands for the token", () => {
  const both = { SLACK_BOT_TOKEN_FILE: "/run/token", SLACK_APP_TOKEN: "xapp-1", COUNTERSIGN_SLACK_POST_MS: "2000" };
  expect(chooseSlack(true, both)).toBe("double");
  expect(chooseSlack(false, {})).toBe("none");
  expect(chooseSlack(false, both)).toBe("workspace");
  const { api, channels } = workspaceEnvironment(both, "secret");
  expect(api).toEqual({
    SLACK_BOT_TOKEN_FILE: "/run/token",
    SLACK_APP_TOKEN: "xapp-1",
    COUNTERSIGN_SURFACE_SECRET: "secret",
  });
  expect(channels).toEqual({
    SLACK_BOT_TOKEN_FILE: "/run/token",
    COUNTERSIGN_SURFACE_SECRET: "secret",
    COUNTERSIGN_SLACK_POST_MS: "2000",
  });
});

test("a real workspace needs its section in countersign.yaml", () => {
  expect(() => requireSlackSection(FILES)).toThrow("no slack section");
  const workspace = doubleWorkspace(directory);
  expect(() => requireSlackSection(withDouble(FILES, workspace))).not.toThrow();
});
