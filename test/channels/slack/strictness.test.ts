import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { parse } from "yaml";
import type { ChannelFailure } from "../../../channels/channel.ts";
import type { Message } from "../../../channels/slack/blocks.ts";
import { createSlackClient } from "../../../channels/slack/client.ts";
import { slackFailure } from "../../../channels/slack/failure.ts";
import { createSlackChannel } from "../../../channels/slack/slack-channel.ts";
import { type Emulate, startEmulate } from "../../support/slack/emulate.ts";

const MANIFEST = parse(readFileSync("deploy/slack-manifest.yaml", "utf8"));
const SCOPES = MANIFEST.oauth_config.scopes.bot as string[];
const INSTALLED = "xoxb-installed-0123456789";
/** The same app, installed before one of its scopes was asked for. */
const lacking = (scope: string) => `xoxb-without-${scope}`;
const SAYS: Message = {
  text: "Approval needed",
  blocks: [{ type: "header", text: { type: "plain_text", text: "Approval needed", emoji: false } }],
};

let emulate: Emulate;
beforeAll(async () => {
  emulate = await startEmulate([
    { token: INSTALLED, scopes: SCOPES },
    ...SCOPES.map((scope) => ({ token: lacking(scope), scopes: SCOPES.filter((one) => one !== scope) })),
  ]);
});
afterAll(() => emulate.stop());
afterEach(() => {
  vi.useRealTimers();
});

const clientOf = (botToken = INSTALLED) => createSlackClient({ botToken, apiUrl: emulate.apiUrl }, { warn() {} });
const channelOf = (botToken?: string) => createSlackChannel(clientOf(botToken));
const post = (id: string, uncertainSince: number | null = null) => {
  return { conversation: emulate.channel, payload: SAYS, id, uncertainSince };
};
const failureOf = (work: Promise<unknown>): Promise<ChannelFailure> =>
  work.then(
    () => Promise.reject(new Error("it succeeded")),
    (error: unknown) => slackFailure(error),
  );

describe("with the scopes of the manifest and no others, against a strict stand-in", () => {
  test("a message is posted, changed, and answered in its thread", async () => {
    const channel = channelOf();
    const { message, conversation, adopted } = await channel.post(post("sfc_1"));
    expect(adopted).toBe(false);
    await channel.update({ conversation, message }, { ...SAYS, text: "Approved" });
    const reply = await channel.reply({ ...post("sfc_2"), message });
    const web = clientOf();
    const { messages } = await web.conversations.replies({ channel: conversation, ts: message });
    expect(messages?.map(({ ts, text }) => [ts, text])).toEqual([
      [message, "Approved"],
      [reply.message, "Approval needed"],
    ]);
  });

  test("after an unknown outcome the message that arrived is adopted by its metadata, in the conversation and a thread", async () => {
    const channel = channelOf();
    const since = Date.now() - 1_000;
    const first = await channel.post(post("sfc_3"));
    expect(await channel.post(post("sfc_3", since))).toEqual({ ...first, adopted: true });
    const reply = await channel.reply({ ...post("sfc_4"), message: first.message });
    expect(await channel.reply({ ...post("sfc_4", since), message: first.message })).toEqual({
      ...reply,
      adopted: true,
    });
    expect(await channel.post(post("sfc_5", since))).toMatchObject({ adopted: false });
  });

  test("one person is written to alone, and what arrived there is adopted too", async () => {
    const channel = channelOf();
    const since = Date.now() - 1_000;
    const alone = { ...post("sfc_6"), conversation: emulate.user };
    const first = await channel.post(alone);
    expect(first.conversation).toMatch(/^D/);
    expect(await channel.post({ ...alone, uncertainSince: since })).toEqual({ ...first, adopted: true });
  });

  test("a message that is gone is known to be gone", async () => {
    const message = "1700000000.000100";
    const failure = await failureOf(channelOf().update({ conversation: emulate.channel, message }, SAYS));
    expect(failure).toMatchObject({ kind: "gone", code: "message_not_found" });
  });

  test("a trigger opens one view, once, and after three seconds none", async () => {
    const web = clientOf();
    const view = {
      type: "modal" as const,
      title: { type: "plain_text" as const, text: "Details" },
      blocks: [{ type: "divider" as const }],
    };
    const trigger_id = await emulate.trigger(INSTALLED);
    expect((await web.views.open({ trigger_id, view })).ok).toBe(true);
    expect((await failureOf(web.views.open({ trigger_id, view }))).code).toBe("exchanged_trigger_id");
    const late = await emulate.trigger(INSTALLED);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 4_000 });
    expect((await failureOf(web.views.open({ trigger_id: late, view }))).code).toBe("expired_trigger_id");
  });
});

describe("without one of the scopes, a call is refused and says so", () => {
  const calls: [string, (token: string) => Promise<unknown>][] = [
    ["chat:write", (token) => channelOf(token).post(post("sfc_7"))],
    ["channels:history", (token) => channelOf(token).post(post("sfc_8", Date.now()))],
    ["im:write", (token) => channelOf(token).post({ ...post("sfc_9"), conversation: emulate.user })],
    ["users:read", (token) => clientOf(token).users.info({ user: emulate.user })],
  ];
  test.each(calls)("%s", async (scope, call) => {
    expect(await failureOf(call(lacking(scope)))).toMatchObject({ kind: "refused", code: "missing_scope" });
  });
});
