import { afterAll, beforeAll, expect, inject, test } from "vitest";
import type { EventView } from "../../api/contract/event.ts";
import type { Identification } from "../../core/identification.ts";
import { CHANNELS_QUEUE } from "../../workflows/messages.ts";
import { ONE_OWNER, SLACK_CONFIGURATION } from "../support/configuration.ts";
import { type Signers, signersOf, unsigned } from "../support/forging.ts";
import { type Intruder, intruderIn, NOTHING, traces } from "../support/intruder.ts";
import { attackerOf } from "../support/slack/attacker.ts";
import { ACCOUNTS, CHANNELS, WORKSPACE } from "../support/slack/workspace.ts";
import { type Stack, startStack } from "../support/stack.ts";

/** Somebody who polls `countersign-channels` in the channels process's place, without its key. */
let stack: Stack;
let intruder: Intruder;
let signers: Signers;
let request: Awaited<ReturnType<ReturnType<typeof attackerOf>["asked"]>>["request"];
let card: Awaited<ReturnType<ReturnType<typeof attackerOf>["asked"]>>["card"];

beforeAll(async () => {
  const servers = { postgresUrl: inject("postgresUrl"), temporalAddress: inject("temporalAddress") };
  stack = await startStack({ ...servers, policies: ONE_OWNER, slack: { transport: "http" } });
  [intruder, signers] = await Promise.all([intruderIn(stack), signersOf(stack)]);
  ({ request, card } = await attackerOf(stack).asked());
  await stack.kill("channels");
});
afterAll(async () => {
  await intruder?.close();
  await stack?.stop();
});

const read = async () => (await stack.as("person:omar").get(`/v1/requests/${request.id}`)).body;
const refusals = async () => {
  const { body } = await stack.as("person:omar").get<{ items: EventView[] }>(`/v1/requests/${request.id}/events`);
  return body.items.filter(({ type }) => type === "review.refused").map(({ reasons }) => reasons[0]?.code);
};
/** Carol may not answer; Alice may. */
const says = (more: Partial<Identification> = {}): Identification => ({
  version: 1,
  requestId: request.id,
  messageId: "msg_of_somebody",
  account: `slack:${WORKSPACE.team}/${ACCOUNTS.carol}`,
  person: "person:alice",
  found: "directory",
  off: [],
  at: Date.now(),
  ...more,
});

type Forging = () => unknown;
const cases: [string, string, Forging][] = [
  ["nobody signed", "REVIEW_SIGNATURE_INVALID", () => ({ ok: true, identification: unsigned(says()) })],
  [
    "a stranger signed",
    "REVIEW_SIGNATURE_INVALID",
    async () => ({ ok: true, identification: await signers.stranger.sign("identification", says()) }),
  ],
  [
    "the API's key signed, which says who speaks but not whose account it is",
    "REVIEW_SIGNATURE_INVALID",
    async () => ({ ok: true, identification: await signers.api.sign("identification", says()) }),
  ],
  [
    "the channels' key signed, of another message",
    "REVIEW_SIGNATURE_INVALID",
    async () => ({ ok: true, identification: await signers.channels.sign("identification", says()) }),
  ],
  ["is not there", "REVIEW_IDENTITY_UNAVAILABLE", () => ({ ok: true })],
  ["is of null", "REVIEW_IDENTITY_UNAVAILABLE", () => ({ ok: true, identification: { content: null, jws: "" } })],
  ["is null", "REVIEW_IDENTITY_UNAVAILABLE", () => null],
  ["is a number", "REVIEW_IDENTITY_UNAVAILABLE", () => 7],
];

test.each(cases)("an identification that %s names nobody as the clicker: %s", async (_what, code, forge) => {
  const before = (await refusals()).length;
  const answered = intruder.answerActivity(CHANNELS_QUEUE, await forge());
  await stack.slack.click(ACCOUNTS.carol, CHANNELS.approvals, card.ts, "countersign.approve");
  expect(await answered).toBe("identify");
  await expect.poll(async () => (await refusals()).slice(before), { timeout: 15_000 }).toEqual([code]);
  expect(await read()).toMatchObject({ status: "pending" });
  expect(await traces(stack, request.id)).toEqual(NOTHING);
});

test("after all of it, the real process is asked for the next click, and it counts", async () => {
  expect(SLACK_CONFIGURATION).toContain(ACCOUNTS.alice);
  await stack.start("channels");
  await stack.slack.click(ACCOUNTS.alice, CHANNELS.approvals, card.ts, "countersign.approve");
  const done = await stack.as("person:omar").until(request.id, "succeeded");
  expect(done.decision?.people.map(({ id }) => id)).toEqual(["person:alice"]);
});
