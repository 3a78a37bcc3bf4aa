import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { SocketModeClient } from "@slack/socket-mode";
import { WebClient } from "@slack/web-api";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { slackDoubleBinary } from "../../cli/dev/slack-double/double.ts";
import type { Fields } from "../support/slack/driver.ts";
import { type Slack, startSlack, type Transport } from "../support/slack/slack.ts";
import { ACCOUNTS, CHANNELS, WORKSPACE } from "../support/slack/workspace.ts";

const { alice, guest } = ACCOUNTS;
const { approvals } = CHANNELS;
const BUTTON = {
  type: "button",
  action_id: "approve",
  value: "v1.token",
  text: { type: "plain_text", text: "Approve" },
};
const BLOCKS = [{ type: "actions", block_id: "decide", elements: [BUTTON] }];
const VIEW = {
  type: "modal" as const,
  title: { type: "plain_text" as const, text: "Deny" },
  submit: { type: "plain_text" as const, text: "Send" },
  blocks: [
    {
      type: "input" as const,
      block_id: "note",
      label: { type: "plain_text" as const, text: "Note" },
      element: { type: "plain_text_input" as const, action_id: "text" },
    },
  ],
};

describe.each<Transport>(["http", "socket"])("what stands for Slack in tests, over %s", (transport) => {
  let slack: Slack;
  let app: App;

  beforeEach(async () => {
    app = await startApp();
    slack = await startSlack({ transport, deliverTo: app.url });
    if (transport === "socket") await app.connect(slack.apiUrl);
  });
  afterEach(async () => {
    await app.stop();
    await slack.stop();
  });

  test("a click arrives with the value of the button, opens one view once, and is answered privately", async () => {
    const web = clientOf(slack);
    const { ts } = await web.chat.postMessage({ channel: approvals, text: "Approval needed", blocks: BLOCKS });
    await slack.click(alice, approvals, String(ts), "approve");
    const [payload] = app.received;
    expect(payload).toMatchObject({ type: "block_actions", user: { id: alice }, team: { id: WORKSPACE.team } });
    expect(payload?.actions).toMatchObject([{ value: "v1.token", block_id: "decide" }]);
    const trigger_id = String(payload?.trigger_id);
    await web.views.open({ trigger_id, view: VIEW });
    await expect(web.views.open({ trigger_id, view: VIEW })).rejects.toThrow("exchanged_trigger_id");
    const view = await slack.modalLike(({ title }) => (title as Fields).text === "Deny");
    app.answerSubmission({ response_action: "errors", errors: { note: "Say more." } });
    const said = { note: { text: { type: "plain_text_input", value: "no" } } };
    expect(await slack.submit(alice, said)).toMatchObject({ errors: { note: "Say more." }, modal: [{ id: view.id }] });
    app.answerSubmission(undefined);
    expect(await slack.submit(alice, said)).toMatchObject({ errors: null, modal: [] });
    const body = JSON.stringify({ response_type: "ephemeral", text: "Recorded." });
    expect((await fetch(String(payload?.response_url), { method: "POST", body })).status).toBe(200);
    expect(await slack.privately(alice)).toMatchObject([{ text: "Recorded." }]);
    expect(await slack.privately(guest)).toEqual([]);
    expect(slack.proxy.callsOf("response_url")).toHaveLength(1);
    expect(slack.proxy.deliveries.all.map(({ acknowledged }) => acknowledged?.status)).toEqual([200, 200, 200]);
  });

  test("homes and commands arrive, and what is delivered can be altered on its way and delivered again", async () => {
    await slack.openHome(alice);
    await slack.command(alice, "list", approvals);
    slack.proxy.deliveries.alter = (payload) => ({ ...payload, team_id: "T0FOREIGN" });
    await slack.command(alice, "mine", approvals);
    expect(app.received).toMatchObject([
      { event: { type: "app_home_opened", user: alice } },
      { command: "/approvals", text: "list", team_id: WORKSPACE.team },
      { command: "/approvals", text: "mine", team_id: "T0FOREIGN" },
    ]);
    const last = slack.proxy.deliveries.all.at(-1);
    if (last === undefined) throw new Error("nothing was delivered");
    await slack.proxy.deliveries.again(last);
    await app.has(4);
  });
});

describe("the proxy is as strict as Slack, and as unreliable as a test says", () => {
  let slack: Slack;
  let web: WebClient;

  beforeEach(async () => {
    slack = await startSlack({ transport: "http", deliverTo: null });
    web = clientOf(slack);
  });
  afterEach(() => slack.stop());

  const post = (more: object = {}) => web.chat.postMessage({ channel: approvals, text: "Approval needed", ...more });

  test("blocks that Slack would refuse never reach the double", async () => {
    const long = (length: number) => ({ type: "plain_text", text: "&".repeat(length) });
    const wrong = [
      [{ type: "section", text: long(601) }],
      [{ type: "header", text: { type: "plain_text", text: "x".repeat(151) } }],
      [...BLOCKS, ...BLOCKS],
      [{ type: "actions", elements: [BUTTON, BUTTON] }],
      [{ type: "actions", elements: [{ ...BUTTON, value: "x".repeat(2_001) }] }],
      [{ type: "section", text: { type: "mrkdwn", text: "" } }],
      [{ type: "alert", text: long(1) }],
      Array.from({ length: 51 }, () => ({ type: "divider" })),
    ];
    for (const blocks of wrong) await expect(post({ blocks })).rejects.toThrow("invalid_blocks");
    await post({ blocks: [{ type: "section", text: long(600) }] });
    expect(await slack.messages(approvals)).toHaveLength(1);
    expect(slack.proxy.strictness.refusedBlocks.length).toBeGreaterThanOrEqual(wrong.length);
  });

  test("a reply that is lost was a post; one that never arrived was none", async () => {
    slack.proxy.faults.add("chat.postMessage", { kind: "lost" }, { times: 1 });
    await expect(post()).rejects.toThrow();
    slack.proxy.faults.add("chat.postMessage", { kind: "unreached" }, { times: 1 });
    await expect(post()).rejects.toThrow();
    expect(await slack.messages(approvals)).toHaveLength(1);
    expect(slack.proxy.callsOf("chat.postMessage")).toHaveLength(2);
  });

  test("rate limits come with and without a header, and by a pace for each conversation", async () => {
    slack.proxy.faults.add("chat.postMessage", { kind: "rateLimited", retryAfter: 7 }, { times: 1 });
    await expect(post()).rejects.toMatchObject({ retryAfter: 7 });
    slack.proxy.faults.add("chat.postMessage", { kind: "rateLimited", retryAfter: null }, { times: 1 });
    await expect(post()).rejects.toThrow();
    slack.proxy.strictness.minimumPostMs = 60_000;
    await post();
    await expect(post()).rejects.toMatchObject({ retryAfter: 1 });
    await post({ channel: CHANNELS.privacy });
    expect(slack.proxy.strictness.posts.map(({ conversation }) => conversation)).toEqual([approvals, CHANNELS.privacy]);
  });

  test("metadata comes back to who asks for it, within the window that was asked for", async () => {
    const metadata = { event_type: "countersign_surface", event_payload: { surface_id: "s1" } };
    const first = await post({ metadata });
    const second = await post();
    const history = (more: object) => web.conversations.history({ channel: approvals, ...more });
    expect((await history({})).messages?.map(({ metadata }) => metadata)).toEqual([undefined, undefined]);
    const with_ = await history({ include_all_metadata: true });
    expect(with_.messages?.map(({ metadata }) => metadata)).toEqual([undefined, metadata]);
    expect((await history({ oldest: first.ts })).messages?.map(({ ts }) => ts)).toEqual([second.ts]);
    expect(await history({ limit: 1 })).toMatchObject({ has_more: true, messages: [{ ts: second.ts }] });
  });

  test("people have the flags, groups and scopes that a test gives them", async () => {
    expect((await web.users.info({ user: guest })).user).toMatchObject({ id: guest, is_restricted: true });
    slack.proxy.strictness.users.set(alice, { deleted: true, profile: { email: "a@other.example" } });
    const user = { deleted: true, is_restricted: false, profile: { email: "a@other.example" } };
    expect((await web.users.info({ user: alice })).user).toMatchObject(user);
    slack.proxy.strictness.userGroups.set("S0OWNERS1", [alice]);
    expect((await web.usergroups.users.list({ usergroup: "S0OWNERS1" })).users).toEqual([alice]);
    slack.proxy.strictness.scopes = ["chat:write"];
    expect((await web.auth.test()).response_metadata?.scopes).toEqual(["chat:write"]);
    await expect(new WebClient("xoxb-other", options(slack)).auth.test()).rejects.toThrow("invalid_auth");
  });

  test("the same seed meets the same faults", async () => {
    const run = async () => {
      const other = await startSlack({ transport: "http", deliverTo: null, seed: 7 });
      other.proxy.faults.add("chat.postMessage", { kind: "error", error: "fatal_error" }, { chance: 0.5 });
      const outcomes: boolean[] = [];
      for (let at = 0; at < 12; at++) {
        const said = clientOf(other).chat.postMessage({ channel: approvals, text: "x" });
        outcomes.push(await said.then(() => true).catch(() => false));
      }
      await other.stop();
      return outcomes;
    };
    const first = await run();
    expect(new Set(first).size).toBe(2);
    expect(await run()).toEqual(first);
  });
});

test("where the double cannot run, one sentence says so", () => {
  expect(() => slackDoubleBinary("darwin", "arm64")).toThrow("Linux x64 only, and this is darwin arm64");
});

type App = {
  url: string;
  received: Fields[];
  answerSubmission(answer: Fields | undefined): void;
  connect(apiUrl: string): Promise<void>;
  has(count: number): Promise<void>;
  stop(): Promise<void>;
};

/** An app that takes note of everything and acknowledges it. */
async function startApp(): Promise<App> {
  const received: Fields[] = [];
  let submission: Fields | undefined;
  let socket: SocketModeClient | null = null;
  const take = (payload: Fields) => {
    received.push(payload);
    return payload.type === "view_submission" ? submission : undefined;
  };
  const server: Server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const form = new URLSearchParams(body);
    const payload = form.get("payload");
    const given = body.startsWith("{")
      ? JSON.parse(body)
      : payload === null
        ? Object.fromEntries(form)
        : JSON.parse(payload);
    const answer = take(given as Fields);
    response.setHeader("content-type", "application/json");
    response.end(answer === undefined ? "" : JSON.stringify(answer));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/slack`,
    received,
    answerSubmission: (answer) => {
      submission = answer;
    },
    async connect(slackApiUrl) {
      socket = new SocketModeClient({ appToken: WORKSPACE.app.appToken, clientOptions: { slackApiUrl } });
      socket.on("slack_event", ({ ack, body }: { ack: (answer?: Fields) => Promise<void>; body: Fields }) =>
        ack(take(body)),
      );
      await socket.start();
    },
    async has(count) {
      await expect.poll(() => received.length).toBe(count);
    },
    async stop() {
      await socket?.disconnect();
      server.closeAllConnections();
      server.close();
    },
  };
}

function options({ apiUrl }: Slack) {
  return { slackApiUrl: apiUrl, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true };
}

function clientOf(slack: Slack): WebClient {
  return new WebClient(WORKSPACE.app.botToken, options(slack));
}
