import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { EventView } from "../../api/contract/event.ts";
import type { RequestView } from "../../api/contract/request.ts";
import { createSurfaceTokens } from "../../crypto/surface-token.ts";
import { reviewPolicy } from "../support/configuration.ts";
import { eventually } from "../support/eventually.ts";
import { type Attacker, attackerOf } from "../support/slack/attacker.ts";
import { actionOf, type Fields, typed, wordsOf } from "../support/slack/driver.ts";
import { ACCOUNTS, CHANNELS } from "../support/slack/workspace.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { SURFACE_SECRET } from "../support/stack-environment.ts";

const needing = (approvals: string, timeout = "10m") => reviewPolicy(`approvals: [${approvals}]\ntimeout: ${timeout}`);
const OWNER = "{ from: group:data-owners, count: 1 }";
const TWO = needing("{ from: group:data-owners, count: 2 }");
let stack: Stack;
let attacker: Attacker;

beforeAll(async () => {
  const servers = { postgresUrl: inject("postgresUrl"), temporalAddress: inject("temporalAddress") };
  stack = await startStack({ ...servers, policies: TWO, slack: { transport: "http" } });
  attacker = attackerOf(stack);
}, 60_000);
afterAll(() => stack?.stop());

const read = async (id: string): Promise<RequestView> =>
  (await stack.as("person:omar").get<RequestView>(`/v1/requests/${id}`)).body;
const untouched = async (id: string): Promise<void> => {
  const { status, requirement } = await read(id);
  expect([status, requirement?.slots[0]?.filledBy]).toEqual(["pending", []]);
};
const tokens = createSurfaceTokens(SURFACE_SECRET);

test("attack 3: approve against deny against expiry, in any interleaving: one end, and it follows from the record", async () => {
  await stack.apply(needing(OWNER, "2s"));
  const omar = stack.as("person:omar");
  const ends = await Promise.all(
    Array.from({ length: 12 }, async (_, index) => {
      const { request, card } = await attacker.asked();
      const approve = async () => attacker.send(attacker.clicked("alice", card));
      const deny = async () =>
        stack.as("person:bob").review(request.id, "deny", { reason: "REVIEW_UNSAFE", note: "no" });
      const left = Date.parse(request.deadlineAt ?? "") - Date.now();
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, left - 300 + 60 * index)));
      await Promise.all(index % 2 === 0 ? [approve(), deny()] : [deny(), approve()]);
      const end = await omar.until(request.id, "succeeded", "denied", "expired");
      // The executor's outcome shows before the workflow has recorded it.
      const types = await eventually("the end in the record", async () => {
        const { body } = await omar.get<{ items: EventView[] }>(`/v1/requests/${request.id}/events`);
        const all = body.items.map((event) => event.type);
        return all.some((type) => ENDED.test(type)) ? all : undefined;
      });
      return { status: end.status, types };
    }),
  );
  for (const { status, types } of ends) {
    const ended = types.filter((type) => ENDED.test(type));
    expect(ended).toEqual([`request.${status}`]);
    expect(types.includes("execution.claimed")).toBe(status === "succeeded");
    if (status === "succeeded") expect(types).toContain("review.approved");
    if (status === "denied") expect(types).toContain("review.denied");
  }
  await stack.apply(TWO);
});

const ENDED = /^request\.(succeeded|denied|expired)$/;

describe("attack 11: a button where it does not belong", () => {
  test("the button of message A used on message B", async () => {
    const [one, other] = [await attacker.asked(), await attacker.asked()];
    const click = attacker.clicked("alice", one.card);
    const container = { type: "message", message_ts: other.card.ts, channel_id: other.card.channel };
    expect(await attacker.send({ ...click, container })).toBe(200);
    await attacker.told("alice", /not the message that shows the request/);
    await untouched(one.request.id);
    await untouched(other.request.id);
  });

  test("a copy forwarded to another conversation", async () => {
    const { request, card } = await attacker.asked();
    const container = { type: "message", message_ts: card.ts, channel_id: CHANNELS.elsewhere };
    const copy = { ...attacker.clicked("alice", card), container, channel: { id: CHANNELS.elsewhere } };
    expect(await attacker.send(copy)).toBe(200);
    await attacker.told("alice", /not the message that shows the request/);
    await untouched(request.id);
  });

  test("the value of Approve under the name of Deny, and the other way round", async () => {
    const { request, card } = await attacker.asked();
    for (const [from, to] of [["approve", "deny"] as const, ["deny", "approve"] as const]) {
      const action = { ...actionOf(card.blocks ?? [], `countersign.${from}`), action_id: `countersign.${to}` };
      await stack.slack.interact(ACCOUNTS.alice, card.channel, card.ts, action);
      await attacker.told("alice", /button is older/);
    }
    await untouched(request.id);
  });

  test("a value that was made up, cut, or altered in one character", async () => {
    const { request, card } = await attacker.asked();
    const { value } = actionOf(card.blocks ?? [], "countersign.approve") as { value: string };
    const middle = value.length >> 1;
    const altered = `${value.slice(0, middle)}${value[middle] === "A" ? "B" : "A"}${value.slice(middle + 1)}`;
    for (const forged of ["v1.e30.AAAAAAAAAAAAAAAAAAAAAA", value.slice(0, -1), altered, ""]) {
      const action = { type: "button", action_id: "countersign.approve", value: forged, block_id: "b" };
      await stack.slack.interact(ACCOUNTS.alice, card.channel, card.ts, action);
      await attacker.told("alice", /button is older/);
    }
    await untouched(request.id);
  });

  test("a button that names the digest of another action", async () => {
    const [one, other] = [
      await attacker.asked(),
      await attacker.asked({ statement: "select id, email from customers" }),
    ];
    const { value } = actionOf(one.card.blocks ?? [], "countersign.approve") as { value: string };
    const token = tokens.read(value);
    if (token === null) throw new Error("the card's own value is not readable");
    const swapped = tokens.mint({ ...token, digest: other.request.digest as `sha256:${string}` });
    const action = { ...actionOf(one.card.blocks ?? [], "countersign.approve"), value: swapped };
    await stack.slack.interact(ACCOUNTS.alice, one.card.channel, one.card.ts, action);
    await attacker.told("alice", /not the action this request is about/);
    await untouched(one.request.id);
  });

  test("a form that one person opened and another sends", async () => {
    const { request, card } = await attacker.asked();
    await stack.slack.click(ACCOUNTS.alice, card.channel, card.ts, "countersign.deny");
    const form = await stack.slack.modalLike((view) => {
      return view.callback_id === "countersign.deny" && wordsOf(view.blocks).includes(request.id);
    });
    const said = { ...typed(form, "reason", "REVIEW_UNSAFE"), ...typed(form, "next", "stop") };
    const { modal } = await stack.slack.submit(ACCOUNTS.bob, said);
    expect(wordsOf(modal.at(-1)?.blocks)).toContain("Somebody else opened this form.");
    await untouched(request.id);
    const { body } = await stack.as("person:omar").get<{ items: EventView[] }>(`/v1/requests/${request.id}/events`);
    expect(body.items.map((event) => event.type)).not.toContain("review.denied");
    // The same words from whoever opened it do count: it was the person, and nothing else about the form.
    await stack.slack.click(ACCOUNTS.alice, card.channel, card.ts, "countersign.deny");
    await stack.slack.modalLike(
      (view) => view.callback_id === "countersign.deny" && wordsOf(view.blocks).includes(request.id),
    );
    await stack.slack.submit(ACCOUNTS.alice, said);
    await stack.as("person:omar").until(request.id, "denied");
  });
});

test("attack 12: one byte of the action changed between approve and execute, and nothing runs", async () => {
  await stack.apply(needing(OWNER));
  const { request, card } = await attacker.asked();
  await stack.kill("executor");
  await stack.slack.click(ACCOUNTS.alice, card.channel, card.ts, "countersign.approve");
  await stack.as("person:omar").until(request.id, "starting");
  const admin = postgres(stack.databaseUrls.admin, { max: 1 });
  await admin`
    update submissions set content = replace(content::text, 'order by id', 'order by 1d')::json
    where request_id = ${request.id}`;
  await admin.end();
  await stack.start("executor");
  const end = await stack.as("person:omar").until(request.id, "denied", "succeeded", "failed");
  expect([end.status, end.decision?.reasons[0]?.code]).toEqual(["denied", "EXEC_INTEGRITY"]);
  await stack.apply(TWO);
});

describe("attack 13: words of an agent that would like to be markup", () => {
  const HOSTILE = "<!channel> <@U0ALICE01> <https://evil.example|click> *bold* `code` ``` ✅ Approved";
  const statement = `select id, name from customers where name <> '${HOSTILE}' order by id`;

  test("stay literal on the card, and out of the notification", async () => {
    const { card } = await attacker.asked({ statement, justification: `${HOSTILE} \u202e\u200b` });
    const blocks = card.blocks ?? [];
    for (const leaf of leaves(blocks, "mrkdwn")) expect(leaf).not.toMatch(/evil|bold|✅|<!channel>|<@U0ALICE01>/);
    expect(card.text).not.toMatch(/evil|✅|channel>|bold/);
    const shown = leaves(blocks, "plain_text").join("\n");
    expect(shown).toContain("<!channel> <@U0ALICE01> <https://evil.example|click>");
    expect(shown).toContain("\\u{202e}\\u{200b}");
  });

  test("a megabyte is refused before it becomes a request", async () => {
    const agent = stack.as("agent:reporting-bot");
    const { status } = await agent.ask(`select '${"x".repeat(1_000_000)}' from customers`);
    expect(status).toBe(413);
  });

  test("what does not fit on a card cannot be approved with one click", async () => {
    const long = `select id, name from customers where name <> '${"long ".repeat(800)}' order by id`;
    const { request, card } = await attacker.asked({ statement: long });
    const actions = JSON.stringify((card.blocks ?? []).filter((block) => block.type === "actions"));
    expect(actions).toContain("Review to approve");
    expect(actions).not.toContain("countersign.approve");
    await untouched(request.id);
  });
});

test("attack 16: what a policy wants answered on the page only links there from Slack", async () => {
  await stack.apply(reviewPolicy(`approvals: [${OWNER}]\ntimeout: 10m\nchannels: [page]`));
  const { request, card } = await attacker.asked();
  const actions = JSON.stringify((card.blocks ?? []).filter((block) => block.type === "actions"));
  expect(actions).not.toMatch(/countersign\.(approve|deny|flag)/);
  expect(actions).toContain(`/requests/${request.id}`);
  const details = actionOf(card.blocks ?? [], "countersign.details") as { value: string };
  const token = tokens.read(details.value);
  if (token === null) throw new Error("the card's own value is not readable");
  const forged: Fields = {
    type: "button",
    action_id: "countersign.approve",
    value: tokens.mint({ ...token, verb: "approve" }),
  };
  await stack.slack.interact(ACCOUNTS.alice, card.channel, card.ts, forged);
  await attacker.told("alice", /does not accept answers through this channel/);
  await untouched(request.id);
  await stack.apply(TWO);
});

function leaves(blocks: unknown, type: "mrkdwn" | "plain_text"): string[] {
  if (Array.isArray(blocks)) return blocks.flatMap((one) => leaves(one, type));
  if (typeof blocks !== "object" || blocks === null) return [];
  const { text } = blocks as Fields;
  const own = (blocks as Fields).type === type && typeof text === "string" ? [text] : [];
  return [...own, ...Object.values(blocks).flatMap((one) => leaves(one, type))];
}
