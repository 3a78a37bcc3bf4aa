import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, inject, test } from "vitest";
import { claim } from "../../db/claim.ts";
import { connect } from "../../db/client.ts";
import { MANY_ROWS, ONE_OWNER, reviewPolicy } from "../support/configuration.ts";
import { recordHistory } from "../support/histories.ts";
import { type Stack, startStack } from "../support/stack.ts";

/** The executor is away while something changes, and finds it changed when it comes back. */
const STRICTER = reviewPolicy(`approvals:
  - { from: group:data-owners, count: 1 }
  - { from: group:data-protection, count: 1 }
timeout: 10m`);
const FORBIDDEN = reviewPolicy(
  `approvals: [{ from: group:data-owners, count: 1 }]
timeout: 10m`,
  `
    - id: closed
      on: [postgres.export]
      when: target.environment == "production"
      deny: { reason: PRODUCTION_ACCESS }
`,
);

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({
    postgresUrl: inject("postgresUrl"),
    temporalAddress: inject("temporalAddress"),
    policies: ONE_OWNER,
  });
});
beforeEach(async () => {
  await stack.kill("executor", "SIGTERM");
  await stack.start("executor");
  await stack.apply(ONE_OWNER);
});
afterAll(() => stack?.stop());

const agent = () => stack.as("agent:reporting-bot");
const alice = () => stack.as("person:alice");
const files = () => (existsSync(join(stack.exports, "crm")) ? readdirSync(join(stack.exports, "crm")) : []);

/** Approved, with no executor there to start it. */
async function approvedWithoutExecutor(): Promise<string> {
  const { body } = await agent().ask(MANY_ROWS);
  await agent().until(body.id, "pending");
  await stack.kill("executor");
  expect((await alice().review(body.id, "approve")).status).toBe(200);
  await agent().until(body.id, "starting");
  return body.id;
}

/** An executor that passed its gate before all this, slept, and wakes up only now. */
async function claimedLate(requestId: string, attempt: number) {
  const db = connect(stack.databaseUrls.executor);
  const scope = { agent: "agent:reporting-bot", actionType: "postgres.export", target: "crm" } as const;
  const under = { policyDigest: "sha256:policy", configurationVersion: 1 } as const;
  try {
    const now = Date.now();
    return await claim(db, { requestId, attempt, executeBy: now + 60_000, now, scope, ...under });
  } finally {
    await db.close();
  }
}

test("a policy made stricter while it starts sends it back to people, with the missing slot named", async () => {
  const id = await approvedWithoutExecutor();
  await stack.apply(STRICTER);
  await stack.start("executor");
  const again = await agent().until(id, "pending");
  expect(again.requirement?.slots).toMatchObject([
    { from: "group:data-owners", missing: 0 },
    { from: "group:data-protection", missing: 1 },
  ]);
  expect(again.reasons.length).toBeGreaterThan(0);
  expect(await claimedLate(id, 1)).toEqual({ claimed: false, code: "EXEC_NEVER", freezeId: null });
  await stack.as("person:carol").review(id, "approve");
  const done = await agent().until(id, "succeeded");
  expect(files().filter((name) => name.startsWith(id))).toHaveLength(1);
  expect(done.decision?.people).toHaveLength(2);
  await recordHistory(stack, "gate-refused", id);
});

test("a policy that denies now denies what people had approved", async () => {
  const id = await approvedWithoutExecutor();
  await stack.apply(FORBIDDEN);
  await stack.start("executor");
  const denied = await agent().until(id, "denied");
  expect(denied.decision?.by).toBe("gate");
  expect(denied.decision?.reasons.map(({ code }) => code)).toEqual(["EXEC_POLICY_CHANGED", "PRODUCTION_ACCESS"]);
  expect(files().filter((name) => name.startsWith(id))).toEqual([]);
});

test("a freeze between the quorum and the claim denies it", async () => {
  const id = await approvedWithoutExecutor();
  const omar = stack.as("person:omar");
  const frozen = await omar.post<{ freeze: { id: string } }>("/v1/freezes", {
    agent: "agent:reporting-bot",
    reason: "Incident 7",
  });
  expect(frozen.status).toBe(201);
  await stack.start("executor");
  const denied = await agent().until(id, "denied");
  expect(denied.decision?.reasons[0]?.code).toBe("ADMIN_FROZEN");
  await recordHistory(stack, "gate-refused-and-closed", id);
  expect(files().filter((name) => name.startsWith(id))).toEqual([]);
  const lifted = await omar.post(`/v1/freezes/${frozen.body.freeze.id}/lift`, { reason: "Over" });
  expect(lifted.status).toBeLessThan(300);
});

test("until the claim a deny still wins", async () => {
  const id = await approvedWithoutExecutor();
  await alice().review(id, "deny", { reason: "REVIEW_WRONG_TARGET" });
  await agent().until(id, "denied");
  await stack.start("executor");
  expect((await agent().get(`/v1/requests/${id}`)).body.status).toBe("denied");
  expect(files().filter((name) => name.startsWith(id))).toEqual([]);
});

test("an approval that finds no executor in time expires and never starts", async () => {
  await stack.apply(
    reviewPolicy(`approvals: [{ from: group:data-owners, count: 1 }]
timeout: 10m
valid_for: 2s`),
  );
  const id = await approvedWithoutExecutor();
  const expired = await agent().until(id, "expired");
  expect(expired.decision?.reasons[0]?.code).toBe("TIME_NOT_STARTED");
  await stack.start("executor");
  expect(files().filter((name) => name.startsWith(id))).toEqual([]);
});
