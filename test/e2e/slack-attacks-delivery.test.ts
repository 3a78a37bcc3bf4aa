import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { EventView } from "../../api/contract/event.ts";
import { LIMITS } from "../../core/limits.ts";
import { reviewPolicy } from "../support/configuration.ts";
import { eventually } from "../support/eventually.ts";
import { type Attacker, attackerOf, isCardOf, type Tweak } from "../support/slack/attacker.ts";
import { type Fields, wordsOf } from "../support/slack/driver.ts";
import { ACCOUNTS, CHANNELS } from "../support/slack/workspace.ts";
import { type Stack, startStack } from "../support/stack.ts";

/** Two people, so that one click that counts is seen and leaves the request open. */
const TWO = reviewPolicy("approvals: [{ from: group:data-owners, count: 2 }]\ntimeout: 10m");
let stack: Stack;
let attacker: Attacker;

beforeAll(async () => {
  const servers = { postgresUrl: inject("postgresUrl"), temporalAddress: inject("temporalAddress") };
  stack = await startStack({ ...servers, policies: TWO, slack: { transport: "http" }, logLevel: "debug" });
  attacker = attackerOf(stack);
}, 60_000);
afterAll(() => stack?.stop());

/** Everything that the record knows of answers to this request. */
async function answers(requestId: string): Promise<string[]> {
  const { body } = await stack.as("person:omar").get<{ items: EventView[] }>(`/v1/requests/${requestId}/events`);
  return body.items.map((event) => event.type).filter((type) => type.startsWith("review."));
}

describe("attack 1: unsigned, wrong secret, altered byte, missing header, wrong time, re-encoded or huge body", () => {
  test.each<[string, Tweak, number]>([
    ["signed with another secret", { secret: "f".repeat(32) }, 401],
    ["altered by one byte", { alter: (body) => body.replace("block_actions", "block_actionz") }, 401],
    ["re-encoded", { alter: (body) => body.replaceAll("%22", '"') }, 401],
    ["without a signature", { without: ["x-slack-signature"] }, 401],
    ["without a timestamp", { without: ["x-slack-request-timestamp"] }, 401],
    ["an hour old", { skew: -3600 }, 401],
    ["an hour ahead", { skew: 3600 }, 401],
    ["of another kind of content", { contentType: "text/plain" }, 415],
    ["huge", { alter: (body) => `${body}&x=${"x".repeat(300_000)}` }, 413],
  ])("a click that is %s is not taken", async (_what, tweak, status) => {
    const { request, card } = await attacker.asked();
    expect(await attacker.send(attacker.clicked("alice", card), tweak)).toBe(status);
    expect(await answers(request.id)).toEqual([]);
  });
});

test("attack 2: the same signed request 50 times in parallel is one review", async () => {
  const { request, card } = await attacker.asked();
  const click = attacker.clicked("alice", card);
  const statuses = await Promise.all(Array.from({ length: 50 }, () => attacker.send(click)));
  expect(new Set(statuses)).toEqual(new Set([200]));
  await attacker.told("alice", /Recorded: you approved/);
  await sleep(1_000);
  expect(await answers(request.id)).toEqual(["review.approved"]);
  expect((await stack.as("person:omar").get(`/v1/requests/${request.id}`)).body.status).toBe("pending");
});

describe("attack 4: another app, workspace or enterprise, correctly signed", () => {
  const foreign: [string, Fields][] = [
    ["another app", { api_app_id: "A0OTHER01" }],
    ["another workspace", { team: { id: "T0OTHER01" } }],
    ["no workspace at all", { team: null }],
    ["an installation for a whole enterprise", { is_enterprise_install: true, enterprise: { id: "E1" } }],
  ];
  test.each(foreign)("a click that names %s is not taken", async (_what, tweak) => {
    const { request, card } = await attacker.asked();
    expect(await attacker.send({ ...attacker.clicked("alice", card), ...tweak })).toBe(403);
    expect(await answers(request.id)).toEqual([]);
  });
});

test("attack 5: somebody who came in through Slack Connect cannot answer, and is told so", async () => {
  const { request, card } = await attacker.asked();
  const payload = { ...attacker.clicked("alice", card), user: { id: ACCOUNTS.alice, team_id: "T0FOREIGN" } };
  expect(await attacker.send(payload)).toBe(403);
  await stack.slack.click(ACCOUNTS.stranger, CHANNELS.approvals, card.ts, "countersign.approve");
  await attacker.told("stranger", /another workspace/);
  expect(await answers(request.id)).not.toContain("review.approved");
});

test("attack 14: tokens and secrets are in no log, not at debug either", async () => {
  const { botToken, appToken, signingSecret } = stack.slack.workspace.app;
  const { card } = await attacker.asked();
  await stack.slack.click(ACCOUNTS.alice, CHANNELS.approvals, card.ts, "countersign.approve");
  await attacker.told("alice", /Recorded/);
  const logs = `${stack.log("api")}${stack.log("channels")}`;
  expect(logs).toContain('"level":"debug"');
  for (const secret of [botToken, appToken, signingSecret, "_hooks/response/"]) expect(logs).not.toContain(secret);
});

test("attack 17: a GET on any address that a card or an answer links to changes nothing", async () => {
  const { request, card } = await attacker.asked();
  // A full member whom the directory does not know: the one who is offered a link.
  stack.slack.proxy.strictness.users.set(ACCOUNTS.guest, {});
  await stack.slack.command(ACCOUNTS.guest, "link", CHANNELS.approvals);
  const link = await attacker.told("guest", /\/link\?token=/);
  const text = JSON.stringify([card.blocks, link.blocks, link.text]);
  const links = [...new Set(text.match(new RegExp(`${stack.url}[^"|>\\\\ ]*`, "g")) ?? [])];
  expect(links.length).toBeGreaterThanOrEqual(2);
  for (const url of [...links, `${stack.url}/slack/events`]) {
    const { status } = await fetch(url, { redirect: "manual" });
    expect(status).not.toBe(500);
  }
  expect(await answers(request.id)).toEqual([]);
  const { body } = await stack.as("person:omar").get(`/v1/requests/${request.id}`);
  expect(body.status).toBe("pending");
  // The link was looked at and not used: the account is still nobody's.
  await stack.slack.click(ACCOUNTS.guest, CHANNELS.approvals, card.ts, "countersign.approve");
  await attacker.told("guest", /Nobody in the directory has this account/);
});

describe("attack 19: killed before the signal, or after it", () => {
  test("before it: nothing is acknowledged, nothing counts, and the same click counts when it is made again", async () => {
    const { request, card } = await attacker.asked();
    const click = attacker.clicked("alice", card);
    await stack.kill("api", "SIGSTOP");
    const lost = attacker.send(click).catch(() => "cut");
    await sleep(300);
    await stack.kill("api");
    expect(await lost).toBe("cut");
    await stack.start("api");
    expect(await answers(request.id)).toEqual([]);
    expect(await attacker.send(click)).toBe(200);
    await eventually("the review", async () => ((await answers(request.id)).length > 0 ? true : undefined));
    expect(await answers(request.id)).toEqual(["review.approved"]);
  });

  test("after it: the review counts once, whoever is dead", async () => {
    const { request, card } = await attacker.asked();
    await stack.kill("workflows");
    await stack.kill("channels");
    expect(await attacker.send(attacker.clicked("bob", card))).toBe(200);
    await stack.kill("api");
    await Promise.all([stack.start("api"), stack.start("workflows"), stack.start("channels")]);
    await eventually("the review", async () => ((await answers(request.id)).length > 0 ? true : undefined), 45_000);
    await sleep(500);
    expect(await answers(request.id)).toEqual(["review.approved"]);
    // Whoever was killed while it looked after this card holds its lease for another minute.
    const shown = await stack.slack.message(
      CHANNELS.approvals,
      (one) => isCardOf(one, request.id) && /Bob Brandt.*approved/.test(wordsOf(one.blocks)),
      LIMITS.announceLeaseSeconds * 1_000 + 15_000,
    );
    expect(wordsOf(shown.blocks)).toContain("1 of 2");
  }, 180_000);
});
