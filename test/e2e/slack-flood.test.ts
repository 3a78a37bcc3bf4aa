import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { LIMITS } from "../../core/limits.ts";
import { connect, type Database } from "../../db/client.ts";
import { record } from "../../db/record.ts";
import { surfacesOf } from "../../db/surfaces.ts";
import { evaluated, later, NOON, starting, submitted } from "../db/fixture.ts";
import { ONE_OWNER } from "../support/configuration.ts";
import { type SlackMessage, wordsOf } from "../support/slack/driver.ts";
import { CHANNELS } from "../support/slack/workspace.ts";
import { type Stack, startStack } from "../support/stack.ts";

const REQUESTS = 500;
const POST_MS = 50;
const ids = Array.from({ length: REQUESTS }, (_, index) => `req_flood_${String(index).padStart(4, "0")}`);
/** Every fifth is approved while the flood is under way. */
const approved = ids.filter((_, index) => index % 5 === 0);

let stack: Stack;
let db: Database;
beforeAll(async () => {
  stack = await startStack({
    postgresUrl: inject("postgresUrl"),
    temporalAddress: inject("temporalAddress"),
    policies: ONE_OWNER,
    slack: { transport: "http", postMs: POST_MS, seed: 4 },
  });
  db = connect(stack.databaseUrls.app);
});
afterAll(async () => {
  await db?.close();
  await stack?.stop();
});

test("500 requests into one conversation: whatever Slack does and whoever is killed, each is shown once and right", async () => {
  const { faults, strictness } = stack.slack.proxy;
  const post = "chat.postMessage";
  faults.add(post, { kind: "rateLimited", retryAfter: 1 }, { times: 4, chance: 0.05 });
  faults.add(post, { kind: "rateLimited", retryAfter: null }, { times: 2, chance: 0.05 });
  faults.add(post, { kind: "lost" }, { chance: 0.06 });
  faults.add(post, { kind: "status", status: 500 }, { chance: 0.03 });
  faults.add("chat.update", { kind: "lost" }, { chance: 0.05 });

  for (const id of ids) {
    await record(db, submitted(id));
    await record(db, evaluated(id));
  }
  await until(() => strictness.posts.length > REQUESTS / 6);
  await stack.kill("channels");
  await Promise.all(approved.map((id) => record(db, approval(id))));
  await stack.start("channels");

  await until(async () => (await unfinished()) === 0);
  const messages = await stack.slack.messages(CHANNELS.approvals);
  const cards = messages.filter((one) => one.thread_ts === undefined);
  expect(cards).toHaveLength(REQUESTS);
  const byId = new Map(cards.map((card) => [requestOf(card), card]));
  expect([...byId.keys()].sort()).toEqual(ids);
  for (const id of ids) {
    const card = byId.get(id);
    const isApproved = approved.includes(id);
    expect(wordsOf(card?.blocks).includes("Start by")).toBe(isApproved);
    expect(messages.filter((one) => one.thread_ts === card?.ts)).toHaveLength(isApproved ? 1 : 0);
    const [surface] = await surfacesOf(db, id);
    expect(surface).toMatchObject({ status: "posted", message: card?.ts, uncertainSince: null, failures: 0 });
  }
  expect(strictness.refusedBlocks).toEqual([]);
  expectFaults();
  expectPace();
}, 240_000);

function approval(id: string) {
  const by = "person:alice" as const;
  const happened = [{ type: "review.approved" as const, by, reasons: [], data: {} }];
  const entry = { at: NOON + 2_000, cause: { kind: "step" as const, event: { kind: "tick" as const } }, happened };
  return later(id, 2, starting(id), { entry });
}

function requestOf(card: SlackMessage): string {
  return /req_flood_\d{4}/.exec(wordsOf(card.blocks))?.[0] ?? "";
}

/** By the record: what has changed since it was last looked at, and what was left to be done then. */
async function unfinished(): Promise<number> {
  const [row] = await db.sql<{ count: number }[]>`
    select count(*)::int as count from requests r left join announcements a on a.request_id = r.id
    where a.request_id is null or a.revision <= r.seq or a.retry_at is not null`;
  return row?.count ?? 0;
}

/** Otherwise the test would promise nothing. */
function expectFaults(): void {
  const calls = stack.slack.proxy.callsOf("chat.postMessage");
  expect(calls.filter((call) => call.status === 429)).toHaveLength(6);
  expect(calls.filter((call) => call.status === 500).length).toBeGreaterThan(3);
  expect(calls.filter((call) => call.status === null).length).toBeGreaterThan(10);
}

/**
 * By what arrived, failed calls included. A call may be late, so that within a moment there can be those whose turn
 * it was then, and the few that each process had under way before.
 */
function expectPace(): void {
  const arrived = stack.slack.proxy
    .callsOf("chat.postMessage")
    .filter((call) => call.args.channel === CHANNELS.approvals)
    .map((call) => call.at);
  const windowMs = 2_000;
  const most = Math.max(...arrived.map((from) => arrived.filter((at) => at >= from && at < from + windowMs).length));
  expect(most).toBeLessThanOrEqual(windowMs / POST_MS + 1 + 2 * LIMITS.announceAtOnce);
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 900; tries += 1) {
    if (await holds()) return;
    await sleep(200);
  }
  throw new Error(`not within its time:\n${stack.log("channels").slice(-4_000)}`);
}
