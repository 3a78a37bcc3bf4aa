import { readdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { RequestView } from "../../api/contract/request.ts";
import { FEW_ROWS, MANY_ROWS, ONE_OWNER, SLOW } from "../support/configuration.ts";
import { type SlackMessage, typed, type View, wordsOf } from "../support/slack/driver.ts";
import type { Transport } from "../support/slack/slack.ts";
import { ACCOUNTS, CHANNELS } from "../support/slack/workspace.ts";
import { type Stack, startStack } from "../support/stack.ts";

const { alice, bob, carol, dana, guest, stranger } = ACCOUNTS;
const { approvals } = CHANNELS;

describe.each<Transport>(["http", "socket"])("an answer in Slack, over %s", (transport) => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({
      postgresUrl: inject("postgresUrl"),
      temporalAddress: inject("temporalAddress"),
      policies: ONE_OWNER,
      slack: { transport },
    });
  });
  afterAll(() => stack?.stop());

  const agent = () => stack.as("agent:reporting-bot");
  const slack = () => stack.slack;
  const files = () => readdirSync(stack.exports, { recursive: true }).map(String);
  const asked = async (statement = MANY_ROWS) => {
    const { body } = await agent().ask(statement);
    const pending = await agent().until(body.id, "pending");
    return { id: body.id, pending, card: await cardOf(body.id) };
  };
  const cardOf = (id: string, words = "approval needed") =>
    slack().message(approvals, (one) => isCard(one) && read(one).includes(id) && read(one).includes(words));
  const told = async (user: string, words: string) => {
    await expect.poll(async () => (await slack().privately(user)).map(read).join("\n")).toContain(words);
  };
  const press = (user: string, { ts }: SlackMessage, verb: string) =>
    slack().click(user, approvals, ts, `countersign.${verb}`);
  const filledBy = ({ requirement }: RequestView) =>
    requirement?.slots.flatMap((slot) => slot.filledBy.map(({ id, channel }) => [id, channel]));

  test("a click on the card approves: it runs once, the card and the thread say so, the owner is told", async () => {
    const { id, card } = await asked();
    expect(read(card)).toContain(MANY_ROWS);
    expect(files().filter((file) => file.includes(id))).toEqual([]);
    await press(alice, card, "approve");
    const done = await agent().until(id, "succeeded");
    expect(filledBy(done)).toEqual([["person:alice", "slack"]]);
    expect(files().filter((file) => file.includes(id))).toHaveLength(1);
    await told(alice, "Recorded: you approved.");
    const ended = await cardOf(id, "The action ran");
    expect(ended.ts).toBe(card.ts);
    expect(elementsOf(ended)).not.toContain("countersign.approve");
    await slack().message(approvals, (one) => one.thread_ts === card.ts && read(one).includes("succeeded"));
    await told(dana, id);
  });

  test("the deny form wants a reason; what is sent is the agent's answer, and nothing runs", async () => {
    const { id, card } = await asked();
    await press(alice, card, "deny");
    const form = await slack().modalLike((view) => showing(id)(view) && hasInput(view, "reason"));
    expect((await slack().submit(alice, typed(form, "next", "stop"))).errors).toHaveProperty("reason");
    const said = { ...typed(form, "reason", "REVIEW_TOO_BROAD"), ...typed(form, "next", "stop") };
    const sent = await slack().submit(alice, { ...said, ...typed(form, "note", "One segment is enough.") });
    expect(sent).toEqual({ errors: null, modal: [] });
    const { decision } = await agent().until(id, "denied");
    expect(decision).toMatchObject({ by: "people", reasons: [{ code: "REVIEW_TOO_BROAD" }] });
    expect(read(await cardOf(id, "denied"))).toContain("One segment is enough.");
    expect(files().filter((file) => file.includes(id))).toEqual([]);
    await told(alice, "Recorded: you denied.");
  });

  test("the details show everything, and approve when they are sent", async () => {
    const { id, card } = await asked();
    await press(alice, card, "details");
    const details = await slack().modalLike(showing(id));
    expect(wordsOf(details.blocks)).toContain(MANY_ROWS);
    await slack().submit(alice, typed(details, "note", "Checked with marketing."));
    expect(filledBy(await agent().until(id, "succeeded"))).toEqual([["person:alice", "slack"]]);
  });

  test("a form that one opened is not sent by another; guests, strangers and people not asked count for nothing", async () => {
    const { id, card } = await asked();
    await press(alice, card, "details");
    await slack().modalLike(showing(id));
    const { modal } = await slack().submit(bob);
    expect(wordsOf(modal.at(-1)?.blocks)).toContain("Somebody else opened this form.");
    await press(guest, card, "approve");
    await press(stranger, card, "approve");
    await press(carol, card, "approve");
    await told(guest, "did not count");
    await told(stranger, "did not count");
    await told(carol, "did not count");
    const { body } = await agent().get(`/v1/requests/${id}`);
    expect(body.status).toBe("pending");
    expect(filledBy(body)).toEqual([]);
    await slack().close(alice);
    await press(bob, card, "approve");
    expect(filledBy(await agent().until(id, "succeeded"))).toEqual([["person:bob", "slack"]]);
  });

  test("what runs can be stopped from the card by the owner of the agent", async () => {
    const { id, card } = await asked(SLOW);
    await press(alice, card, "approve");
    await agent().until(id, "running");
    const running = await cardOf(id, "running");
    await press(dana, running, "stop");
    const { execution } = await agent().until(id, "failed", "unknown");
    expect(execution?.code).toBe("EXEC_STOPPED");
    await cardOf(id, "failed");
  });

  test("the home is an inbox: what waits for me, with its details, and what was decided", async () => {
    const { id } = await asked();
    await slack().openHome(alice);
    await expect.poll(async () => wordsOf((await slack().home(alice))?.blocks)).toContain("Waiting for me");
    await slack().clickHome(alice, "countersign.details");
    await slack().modalLike(showing(id));
    await slack().submit(alice);
    expect(filledBy(await agent().until(id, "succeeded"))).toEqual([["person:alice", "slack"]]);
  });

  test("/approvals lists for the eyes of who asks, and decides nothing", async () => {
    const { id } = await asked();
    await slack().command(alice, "list", approvals);
    await told(alice, "Export");
    await slack().command(alice, `approve ${id}`, approvals);
    await told(alice, "Nothing was decided");
    expect((await agent().get(`/v1/requests/${id}`)).body.status).toBe("pending");
    const public_ = (await slack().messages(approvals)).filter((one) => one.ephemeral_to === undefined);
    expect(public_.map(read).join("\n")).not.toContain("Nothing was decided");
    await agent().say(id, "withdraw");
    await cardOf(id, "withdrawn");
  });

  test("what nobody has to approve is never asked, and Slack refused nothing of all we drew", async () => {
    const { body } = await agent().ask(FEW_ROWS);
    await agent().until(body.id, "succeeded");
    const cards = (await slack().messages(approvals)).filter(isCard).map(read);
    expect(cards.filter((words) => words.includes(body.id))).toEqual([]);
    const { strictness, deliveries } = slack().proxy;
    expect(strictness.refusedBlocks).toEqual([]);
    expect(deliveries.all.filter(({ acknowledged }) => acknowledged?.status !== 200)).toEqual([]);
  });
});

function read(message: SlackMessage): string {
  return `${message.text}\n${wordsOf(message.blocks)}`;
}

function isCard(message: SlackMessage): boolean {
  return message.thread_ts === undefined && message.ephemeral_to === undefined;
}

function elementsOf({ blocks = [] }: SlackMessage): unknown[] {
  return blocks.flatMap((block) => ((block.elements ?? []) as { action_id?: string }[]).map((one) => one.action_id));
}

/** A view opens at once, within the three seconds there are, and is filled when the record was read. */
function showing(id: string): (view: View) => boolean {
  return ({ blocks }) => wordsOf(blocks).includes(id);
}

function hasInput({ blocks }: View, name: string): boolean {
  return blocks.some(({ block_id }) => block_id === name);
}
