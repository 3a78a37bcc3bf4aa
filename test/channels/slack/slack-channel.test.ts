import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Message } from "../../../channels/slack/blocks.ts";
import { createSlackClient } from "../../../channels/slack/client.ts";
import { createSlackChannel } from "../../../channels/slack/slack-channel.ts";
import { LIMITS } from "../../../core/limits.ts";
import { type Slack, startSlack } from "../../support/slack/slack.ts";
import { ACCOUNTS, CHANNELS, WORKSPACE } from "../../support/slack/workspace.ts";

let slack: Slack;
beforeAll(async () => {
  slack = await startSlack({ transport: "http", deliverTo: null });
});
afterAll(() => slack?.stop());
beforeEach(() => slack.proxy.faults.clear());

const conversation = CHANNELS.approvals;
const POST = "chat.postMessage";
let count = 0;
const newId = () => `sfc_test_${++count}`;

function channel() {
  const { botToken } = WORKSPACE.app;
  return createSlackChannel(createSlackClient({ botToken, apiUrl: slack.apiUrl }, { warn() {} }));
}

function saying(text: string): Message {
  const plain = { type: "plain_text" as const, text, emoji: false as const };
  return { text: "A notification", blocks: [{ type: "section", text: plain }] };
}

async function marked(id: string) {
  return (await slack.messages(conversation)).filter((one) => one.blocks?.[0]?.block_id === id);
}

test("a post names itself, twice, and Slack finds nothing to link or unfurl in it", async () => {
  const id = newId();
  const posted = await channel().post({ conversation, id, payload: saying("hello"), uncertainSince: null });
  expect(posted).toMatchObject({ conversation, adopted: false });
  expect(await marked(id)).toMatchObject([{ ts: posted.message }]);
  expect(slack.proxy.callsOf(POST).at(-1)?.args).toMatchObject({
    metadata: { event_type: "countersign_surface", event_payload: { surface_id: id } },
    ...{ unfurl_links: "false", unfurl_media: "false", link_names: "false" },
  });
});

test.each(["lost", "kept"] as const)("a post whose answer was lost is adopted, its metadata %s", async (metadata) => {
  const id = newId();
  const since = Date.now();
  slack.proxy.faults.add(POST, { kind: "lost" }, { times: 1 });
  const failed = channel().post({ conversation, id, payload: saying("hello"), uncertainSince: null });
  await expect(failed).rejects.toMatchObject({ kind: "uncertain" });
  if (metadata === "lost") {
    const [found] = await marked(id);
    await channel().update({ conversation, message: found?.ts ?? "" }, saying("first"));
  }
  const again = { conversation, id, payload: saying("hello"), uncertainSince: since };
  const [found] = await slack.messages(conversation).then((all) => all.slice(-1));
  expect(await channel().post(again)).toEqual({ conversation, message: found?.ts, adopted: true });
});

test("a post that never arrived is posted, once", async () => {
  const id = newId();
  slack.proxy.faults.add(POST, { kind: "unreached" }, { times: 1 });
  const post = { conversation, id, payload: saying("hello"), uncertainSince: null };
  await expect(channel().post(post)).rejects.toMatchObject({ kind: "uncertain" });
  const posted = await channel().post({ ...post, uncertainSince: Date.now() });
  expect(posted.adopted).toBe(false);
  expect(await marked(id)).toHaveLength(1);
});

test("a lookup that fails decides nothing: nothing is posted after it", async () => {
  const id = newId();
  slack.proxy.faults.add("conversations.history", { kind: "status", status: 500 }, { times: 1 });
  const post = { conversation, id, payload: saying("hello"), uncertainSince: Date.now() };
  await expect(channel().post(post)).rejects.toMatchObject({ kind: "later" });
  expect(await marked(id)).toEqual([]);
});

test("what was posted long before is found over several pages", async () => {
  const id = newId();
  const since = Date.now();
  const { message } = await channel().post({ conversation, id, payload: saying("hello"), uncertainSince: null });
  for (let n = 0; n < LIMITS.adoptionPageMessages + 20; n += 1)
    await slack.say(ACCOUNTS.alice, conversation, `talk ${n}`);
  const again = await channel().post({ conversation, id, payload: saying("hello"), uncertainSince: since });
  expect(again).toEqual({ conversation, message, adopted: true });
});

test("a reply stands in its thread, and is adopted there", async () => {
  const [root, id] = [newId(), newId()];
  const { message } = await channel().post({ conversation, id: root, payload: saying("card"), uncertainSince: null });
  const since = Date.now();
  slack.proxy.faults.add(POST, { kind: "lost" }, { times: 1 });
  const reply = { conversation, message, id, payload: saying("told"), uncertainSince: null };
  await expect(channel().reply(reply)).rejects.toMatchObject({ kind: "uncertain" });
  const again = await channel().reply({ ...reply, uncertainSince: since });
  expect(again.adopted).toBe(true);
  expect(await marked(id)).toMatchObject([{ ts: again.message, thread_ts: message }]);
});

test("a person's id is the conversation with them alone, and the answer names it", async () => {
  const id = newId();
  const post = { conversation: ACCOUNTS.dana, id, payload: saying("for you"), uncertainSince: null };
  const posted = await channel().post(post);
  expect(posted.conversation).toMatch(/^D/);
  expect(await slack.privately(ACCOUNTS.dana)).toMatchObject([{ ts: posted.message, channel: posted.conversation }]);
  await channel().update(posted, saying("changed"));
  expect(await channel().post({ ...post, uncertainSince: Date.now() })).toEqual({ ...posted, adopted: true });
});

test("a message shows what it was told last, and one that is not there is gone", async () => {
  const id = newId();
  const { message } = await channel().post({ conversation, id, payload: saying("before"), uncertainSince: null });
  await channel().update({ conversation, message }, saying("after"));
  const found = (await slack.messages(conversation)).find((one) => one.ts === message);
  expect(JSON.stringify(found?.blocks)).toContain("after");
  await expect(channel().update({ conversation, message: "1.0" }, saying("x"))).rejects.toMatchObject({ kind: "gone" });
});
