import { createHmac, randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from "vitest";
import type { Finding } from "../../cli/doctor/check.ts";
import { connect } from "../../db/client.ts";
import { record } from "../../db/record.ts";
import { intendSurface, surfaceFailed } from "../../db/surfaces.ts";
import { evaluated, NOON, submitted } from "../db/fixture.ts";
import { CONFIGURATION } from "../support/configuration.ts";
import { freshDatabase } from "../support/database.ts";
import { runCli } from "../support/run-cli.ts";
import { type Slack, startSlack } from "../support/slack/slack.ts";
import { ACCOUNTS, CHANNELS, WORKSPACE } from "../support/slack/workspace.ts";

const { signingSecret, botToken, appToken } = WORKSPACE.app;
let slack: Slack;
let directory: string;
let env: { [name: string]: string };

beforeAll(async () => {
  slack = await startSlack({ transport: "socket", deliverTo: null });
  directory = mkdtempSync(join(tmpdir(), "countersign-doctor-"));
});
afterAll(async () => {
  await slack?.stop();
  rmSync(directory, { recursive: true, force: true });
});
beforeEach(() => {
  env = { SLACK_BOT_TOKEN: botToken, SLACK_API_URL: slack.apiUrl };
  write();
});
afterEach(() => {
  slack.proxy.faults.clear();
  slack.proxy.strictness.userGroups.clear();
});

/** The tests' people with their accounts, and a Slack section. */
function write({ team = WORKSPACE.team, more = "", accounts = true } = {}): void {
  const people = CONFIGURATION.replace(/id: ([a-z-]+), name/g, (all, id: string) => {
    const user = ACCOUNTS[id as keyof typeof ACCOUNTS];
    return user === undefined || !accounts ? all : `id: ${id}, slack: ${user}, name`;
  });
  const section = `slack: { team: ${team}, conversations: [{ id: ${CHANNELS.approvals} }]${more} }`;
  writeFileSync(join(directory, "countersign.yaml"), `${people}${section}\n`);
}

async function doctor() {
  const run = await runCli(["doctor", "slack", "--json"], { env, cwd: directory });
  if (run.stdout === "") throw new Error(run.stderr);
  for (const token of [botToken, appToken, signingSecret]) expect(run.stdout + run.stderr).not.toContain(token);
  const { healthy, findings } = JSON.parse(run.stdout) as { healthy: boolean; findings: Finding[] };
  return { code: run.code, healthy, findings, of: (check: string) => findings.find((one) => one.check === check) };
}

test("a set-up that is whole is healthy: token, scopes, socket, conversations, accounts", async () => {
  env.SLACK_APP_TOKEN = appToken;
  const { code, healthy, findings, of } = await doctor();
  expect(findings.filter(({ result }) => result === "wrong")).toEqual([]);
  expect({ code, healthy }).toEqual({ code: 0, healthy: true });
  for (const check of [
    "configuration",
    "bot token",
    "scopes",
    "socket",
    `conversation ${CHANNELS.approvals}`,
    "accounts",
  ]) {
    expect(of(check)?.result, check).toBe("ok");
  }
});

test("without a token there is one thing to do", async () => {
  const { SLACK_BOT_TOKEN: _none, ...without } = env;
  env = without;
  const { code, of } = await doctor();
  expect(code).toBe(1);
  expect(of("bot token")).toMatchObject({ result: "wrong", fix: expect.stringContaining("docs/SLACK.md") });
});

test("a token that Slack refuses is told with what to do", async () => {
  env.SLACK_BOT_TOKEN = "xoxb-of-somebody-else";
  const { code, of } = await doctor();
  expect(code).toBe(1);
  expect(of("bot token")).toMatchObject({ result: "wrong", detail: "Slack says invalid_auth" });
});

test("a token of another workspace is not the one that is configured", async () => {
  write({ team: "T0ANOTHER" });
  expect((await doctor()).of("bot token")).toMatchObject({
    result: "wrong",
    detail: expect.stringContaining("T0ANOTHER"),
  });
});

test("a Slack that does not answer exits 3", async () => {
  slack.proxy.faults.add("auth.test", { kind: "status", status: 503 });
  const { code, of } = await doctor();
  expect(code).toBe(3);
  expect(of("Slack")).toMatchObject({ result: "wrong", detail: "does not answer: http_503" });
});

test("a missing scope is named, with what it is for; one that nothing needs is not missed", async () => {
  const { scopes } = slack.proxy.strictness;
  slack.proxy.strictness.scopes = scopes.filter((one) => !["im:write", "usergroups:read"].includes(one));
  const { of } = await doctor();
  slack.proxy.strictness.scopes = scopes;
  expect(of("scopes")).toMatchObject({ result: "wrong", detail: expect.stringContaining("im:write (to tell") });
  expect(JSON.stringify(of("scopes"))).not.toContain("usergroups:read");
});

test("a conversation that the app is not in is named", async () => {
  slack.proxy.faults.add("conversations.info", { kind: "error", error: "channel_not_found" });
  const { code, of } = await doctor();
  expect(code).toBe(1);
  expect(of(`conversation ${CHANNELS.approvals}`)).toMatchObject({ fix: expect.stringContaining("Invite the app") });
});

test("an account from which nobody may answer is named with its person", async () => {
  slack.proxy.strictness.users.set(ACCOUNTS.carol, { deleted: true });
  const { code, of } = await doctor();
  slack.proxy.strictness.users.delete(ACCOUNTS.carol);
  expect(code).toBe(1);
  expect(of(`account ${ACCOUNTS.carol}`)).toMatchObject({ detail: expect.stringContaining("of person:carol") });
});

test("people without an account are told, and that is nothing wrong", async () => {
  write({ accounts: false });
  const { code, of } = await doctor();
  expect(code).toBe(0);
  expect(of("people")).toMatchObject({ result: "not checked", detail: expect.stringContaining("person:alice") });
});

test("a user group that cannot be read is wrong, one that can is told with its size", async () => {
  write({ more: ", user_groups: { data-owners: S0OWNERS }" });
  expect((await doctor()).of("user group S0OWNERS")).toMatchObject({ result: "wrong" });
  slack.proxy.strictness.userGroups.set("S0OWNERS", [ACCOUNTS.alice]);
  expect((await doctor()).of("user group S0OWNERS")).toMatchObject({
    result: "ok",
    detail: expect.stringContaining("1 members"),
  });
});

test("both ways in at once are wrong, and so is a socket that Slack does not open", async () => {
  Object.assign(env, { SLACK_APP_TOKEN: appToken, SLACK_SIGNING_SECRET: signingSecret });
  expect((await doctor()).of("way in")).toMatchObject({ result: "wrong" });
  env = { SLACK_BOT_TOKEN: botToken, SLACK_API_URL: slack.apiUrl, SLACK_APP_TOKEN: "xapp-wrong" };
  expect((await doctor()).of("socket")).toMatchObject({
    result: "wrong",
    fix: expect.stringContaining("connections:write"),
  });
});

/** What Slack documents of an address: it gives the challenge back when the signature holds. */
async function receiver(secret: string, { checks = true } = {}): Promise<{ url: string; server: Server }> {
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const time = String(request.headers["x-slack-request-timestamp"]);
    const mac = createHmac("sha256", secret).update(`v0:${time}:${body}`).digest("hex");
    const holds = request.headers["x-slack-signature"] === `v0=${mac}` && request.url === "/slack/events";
    if (checks && !holds) return response.writeHead(401).end();
    response.writeHead(200).end((JSON.parse(body) as { challenge: string }).challenge);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { url: `http://127.0.0.1:${address.port}`, server };
}

test.each<[string, string, { checks?: boolean }, Finding["result"], RegExp]>([
  ["takes what Slack signs and nothing else is right", signingSecret, {}, "ok", /nothing else/],
  ["has another secret is wrong", "another-signing-secret-0123", {}, "wrong", /does not take what our signing secret/],
  ["takes what nobody signed is wrong", signingSecret, { checks: false }, "wrong", /takes what nobody has signed/],
])("a request URL that %s", async (_what, secret, options, result, detail) => {
  const { url, server } = await receiver(secret, options);
  Object.assign(env, { SLACK_SIGNING_SECRET: signingSecret, COUNTERSIGN_PUBLIC_URL: `${url}/` });
  const found = (await doctor()).of("request URL");
  server.close();
  expect(found).toMatchObject({ result, detail: expect.stringMatching(detail) });
});

test("a request URL where nothing answers is wrong, and says how to do without one", async () => {
  Object.assign(env, { SLACK_SIGNING_SECRET: signingSecret, COUNTERSIGN_PUBLIC_URL: "http://127.0.0.1:1" });
  expect((await doctor()).of("request URL")).toMatchObject({ fix: expect.stringContaining("use Socket Mode") });
});

test("a conversation that refused a card is told with Slack's word, from the database", async () => {
  const fresh = await freshDatabase(inject("postgresUrl"));
  const database = connect(fresh.adminUrl, { max: 1 });
  const id = `req_${randomUUID()}`;
  await record(database, submitted(id));
  await record(database, evaluated(id));
  const place = { requestId: id, channel: "slack" as const, conversation: "C0CLOSED1", kind: "card" as const };
  const surface = await intendSurface(database, { ...place, id: "srf_1", generation: 1, toldUntil: "0" }, NOON);
  const failed = { error: "is_archived", retryAt: NOON, refused: true, uncertainSince: null };
  await surfaceFailed(database, surface, failed, NOON);
  await database.close();
  env.COUNTERSIGN_DATABASE_URL = fresh.appUrl;
  const { of } = await doctor();
  await fresh.drop();
  expect(of("configuration")).toMatchObject({ result: "wrong", detail: "none has been applied" });
  expect(of("cards")).toMatchObject({ result: "wrong", detail: expect.stringContaining("C0CLOSED1: is_archived") });
});

test("people read the same in lines, each problem with what to do below it", async () => {
  env.SLACK_BOT_TOKEN = "xoxb-of-somebody-else";
  const { stdout } = await runCli(["doctor", "slack"], { env, cwd: directory });
  expect(stdout).toMatch(/WRONG bot token +Slack says invalid_auth\n +Give SLACK_BOT_TOKEN/);
});
