import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import postgres from "postgres";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { MANY_ROWS, reviewPolicy } from "../support/configuration.ts";
import { type Role, type Stack, startStack } from "../support/stack.ts";

/** Rows of "Bad days" in docs/LIFECYCLE.md that a kill at an arbitrary moment does not reach; test/e2e/kills.test.ts has those. */
let stack: Stack;
let database: postgres.Sql;
beforeAll(async () => {
  stack = await startStack({
    postgresUrl: inject("postgresUrl"),
    temporalAddress: inject("temporalAddress"),
    policies: POLICY,
    heartbeatSeconds: 3,
  });
  database = postgres(stack.databaseUrls.admin, { max: 3, onnotice: () => undefined });
});
afterAll(async () => {
  await database?.end({ timeout: 1 });
  await stack?.stop();
});

/** An approval that has not started within three seconds is worth nothing, where few rows are asked for. */
const POLICY = reviewPolicy(
  "approvals: [{ from: group:data-owners, count: 1 }]\ntimeout: 10m",
  `
    - id: short-lived
      on: [postgres.export]
      when: data.maxRows == 77
      review:
        reason: BULK_EXPORT
        approvals: [{ from: group:data-owners, count: 1 }]
        timeout: 10m
        valid_for: 3s
`,
);
const SLOW = "select id, name, pg_sleep(0.02) as pause from customers where id <= 300 order by id";

const agent = () => stack.as("agent:reporting-bot");
const alice = () => stack.as("person:alice");
const pending = async (statement = MANY_ROWS, more: { maxRows?: number } = {}) => {
  const { body } = await agent().ask(statement, more);
  await agent().until(body.id, "pending");
  return body.id;
};
const filesOf = (id: string) => {
  const directory = join(stack.exports, "crm");
  return existsSync(directory) ? readdirSync(directory).filter((name) => name.startsWith(id)) : [];
};
const eventsOf = async (id: string) => {
  const rows = await database`select type from audit_events where request_id = ${id} order by id`;
  return rows.map((row) => row.type as string);
};

/** Whoever wants to write to this request waits for as long as `work` takes. */
async function whileLocked(id: string, work: () => Promise<void>): Promise<void> {
  await database.begin(async (sql) => {
    await sql`select pg_advisory_xact_lock(hashtext('countersign request'), hashtext(${id}))`;
    await work();
  });
}

async function waitedForLock(): Promise<void> {
  await expect
    .poll(async () => (await database`select 1 from pg_locks where locktype = 'advisory' and not granted`).length, {
      timeout: 20_000,
    })
    .toBeGreaterThan(0);
}

test("with no worker a POST answers 202 before its deadline, and the same key attaches again and is one request", async () => {
  await stack.kill("workflows");
  const first = await agent().ask(MANY_ROWS, { key: "while-away" });
  expect(first).toMatchObject({ status: 202, body: { status: "evaluating" } });
  await stack.start("workflows");
  await agent().until(first.body.id, "pending");
  const again = await agent().ask(MANY_ROWS, { key: "while-away" });
  expect(again.body.id).toBe(first.body.id);
  expect((await eventsOf(first.body.id)).filter((type) => type === "request.submitted")).toHaveLength(1);
});

test("with no executor a request stays evaluating, and goes on when one is back", async () => {
  await stack.kill("executor");
  const { body } = await agent().ask(MANY_ROWS);
  expect(body.status).toBe("evaluating");
  await stack.start("executor");
  await agent().until(body.id, "pending");
});

test("with no executor an approved request expires when its approval does, and an executor that comes later runs nothing", async () => {
  const id = await pending(MANY_ROWS, { maxRows: 77 });
  await stack.kill("executor");
  await alice().review(id, "approve");
  const ended = await agent().until(id, "expired", "succeeded", "failed");
  expect(ended).toMatchObject({ status: "expired", execution: null });
  await stack.start("executor");
  await agent().until(await pending(), "pending");
  expect(await eventsOf(id)).not.toContain("execution.claimed");
  expect(filesOf(id)).toEqual([]);
});

for (const role of ["workflows", "api"] satisfies Role[]) {
  test(`${role} killed −9 while a review is being recorded: it counts once`, async () => {
    const id = await pending();
    let answer: Promise<unknown> = Promise.resolve();
    await whileLocked(id, async () => {
      answer = alice()
        .review(id, "approve")
        .catch(() => "the connection broke");
      await waitedForLock();
      await stack.kill(role);
    });
    await stack.start(role);
    await answer;
    await agent().until(id, "succeeded");
    expect((await eventsOf(id)).filter((type) => type === "review.approved")).toHaveLength(1);
    expect(filesOf(id)).toHaveLength(1);
  });
}

test("a worker killed −9 between a write and its marker follows what it wrote, and contradicts nothing", async () => {
  const id = await pending();
  await stack.kill("executor");
  await alice().review(id, "approve");
  await agent().until(id, "starting");
  const written = async () => (await database`select 1 from journal where request_id = ${id}`).length;
  const before = await written();
  // The denial is written; its settlement waits for our tombstone, so nothing of it can have reached Temporal.
  let denial: Promise<unknown> = Promise.resolve();
  const held = database.begin(async (sql) => {
    await sql`insert into executions (request_id, attempt, status, at) values (${id}, 1, 'never', now())`;
    denial = alice().review(id, "deny", { reason: "REVIEW_TOO_BROAD" });
    await expect.poll(written, { timeout: 20_000 }).toBe(before + 1);
    await stack.kill("workflows");
    throw new Error("taken back");
  });
  await expect(held).rejects.toThrow("taken back");
  await stack.start("workflows");
  await denial.catch(() => undefined);
  await agent().until(id, "denied");
  const types = await eventsOf(id);
  expect(types.filter((type) => type === "review.denied")).toHaveLength(1);
  expect(types.filter((type) => type === "request.denied")).toHaveLength(1);
  await stack.start("executor");
});

test("an executor paused past its timeout and then woken publishes nothing twice", async () => {
  const id = await pending(SLOW);
  await alice().review(id, "approve");
  await agent().until(id, "running");
  await stack.kill("executor", "SIGSTOP");
  await stack.start("executor-2");
  // The other one is given the attempt, finds the claim, and says that nobody knows.
  expect((await agent().until(id, "unknown", "succeeded", "failed")).status).toBe("unknown");
  await stack.kill("executor", "SIGCONT");
  // Awake again it hears that the attempt is not its own any more, and writes down how far it came.
  const outcomes = async () => (await database`select 1 from outcomes where request_id = ${id}`).length;
  await expect.poll(outcomes, { timeout: 20_000 }).toBe(1);
  const { body: after } = await agent().get(`/v1/requests/${id}`);
  expect((await eventsOf(id)).filter((type) => type === "execution.claimed")).toHaveLength(1);
  expect(filesOf(id)).toHaveLength(after.status === "succeeded" ? 1 : 0);
  await stack.kill("executor-2");
}, 150_000);

test("what was settled as never does not run, even by an executor that was about to claim it and was paused", async () => {
  const id = await pending();
  await database.begin(async (sql) => {
    // Whoever claims waits here: every start asks first whether something is frozen.
    await sql`select pg_advisory_xact_lock(7203114551::bigint)`;
    await alice().review(id, "approve");
    await waitedForLock();
    await stack.kill("executor", "SIGSTOP");
    expect((await alice().review(id, "deny", { reason: "REVIEW_TOO_BROAD" })).status).toBe(200);
  });
  await agent().until(id, "denied");
  await stack.kill("executor", "SIGCONT");
  const next = await pending();
  await alice().review(next, "approve");
  await agent().until(next, "succeeded");
  expect(await eventsOf(id)).not.toContain("execution.claimed");
  expect(filesOf(id)).toEqual([]);
  expect((await agent().get(`/v1/requests/${id}`)).body.status).toBe("denied");
});
