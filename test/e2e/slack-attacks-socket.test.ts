import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import type { EventView } from "../../api/contract/event.ts";
import { reviewPolicy } from "../support/configuration.ts";
import { eventually } from "../support/eventually.ts";
import { type Attacker, attackerOf } from "../support/slack/attacker.ts";
import { ACCOUNTS, CHANNELS } from "../support/slack/workspace.ts";
import { type Stack, startStack } from "../support/stack.ts";

let stack: Stack;
let attacker: Attacker;

beforeAll(async () => {
  stack = await startStack({
    ...{ postgresUrl: inject("postgresUrl"), temporalAddress: inject("temporalAddress") },
    policies: reviewPolicy("approvals: [{ from: group:data-owners, count: 2 }]\ntimeout: 10m"),
    slack: { transport: "socket" },
  });
  attacker = attackerOf(stack);
}, 60_000);
afterAll(() => stack?.stop());

async function answers(requestId: string): Promise<string[]> {
  const { body } = await stack.as("person:omar").get<{ items: EventView[] }>(`/v1/requests/${requestId}/events`);
  return body.items.map((event) => event.type).filter((type) => type.startsWith("review."));
}

test("attack 18: two Socket Mode replicas and an envelope delivered again to both are one review", async () => {
  const replica = await stack.startReplica();
  expect(stack.slack.proxy.deliveries.sockets()).toBe(2);
  const { request, card } = await attacker.asked();
  await stack.slack.click(ACCOUNTS.alice, CHANNELS.approvals, card.ts, "countersign.approve");
  await attacker.told("alice", /Recorded: you approved/);
  const [delivery] = attacker.deliveries("block_actions");
  if (delivery === undefined) throw new Error("nothing was delivered");
  for (let times = 0; times < 3; times++) expect(await stack.slack.proxy.deliveries.again(delivery)).toBe(2);
  await sleep(1_500);
  expect(await answers(request.id)).toEqual(["review.approved"]);
  await stack.kill(replica.name);
});

test("attack 18: a socket that Slack cuts is opened again, and the next click counts", async () => {
  const { request, card } = await attacker.asked();
  const { proxy } = stack.slack;
  const opened = () => proxy.callsOf("apps.connections.open").length;
  const before = opened();
  proxy.deliveries.cutSockets();
  await eventually("a new socket", async () => {
    return opened() > before && proxy.deliveries.sockets() > 0 ? true : undefined;
  });
  await stack.slack.click(ACCOUNTS.bob, CHANNELS.approvals, card.ts, "countersign.approve");
  await attacker.told("bob", /Recorded: you approved/);
  expect(await answers(request.id)).toEqual(["review.approved"]);
});

test("attack 19: over a socket, too, what is not durable is not acknowledged", async () => {
  const { request, card } = await attacker.asked();
  await stack.kill("api", "SIGSTOP");
  await stack.slack.click(ACCOUNTS.alice, CHANNELS.approvals, card.ts, "countersign.approve");
  await stack.kill("api");
  const mine = attacker.deliveries("block_actions").at(-1);
  expect(mine?.acknowledged).toBeNull();
  await stack.start("api");
  expect(await answers(request.id)).toEqual([]);
}, 60_000);
