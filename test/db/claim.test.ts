import { eq } from "drizzle-orm";
import { expect, test } from "vitest";
import type { Settlement } from "../../core/deliberation-types.ts";
import { claim, executionOf, settle, writeOutcome } from "../../db/claim.ts";
import { eventsOf } from "../../db/read/events.ts";
import { requestById } from "../../db/read/requests.ts";
import { record } from "../../db/record.ts";
import { executions } from "../../db/schema/executions.ts";
import type { ClaimResult } from "../../db/types.ts";
import { claimOf, ended, later, NOON, pending, report } from "./fixture.ts";
import { world } from "./world.ts";

const w = world();

test("a claim is made once, and its event stands with it", async () => {
  const id = await w.pendingRequest();
  expect(await claim(w.executor, claimOf(id))).toEqual({ claimed: true });
  expect(await claim(w.executor, claimOf(id))).toEqual(refused("EXEC_ALREADY_CLAIMED"));
  expect(await claim(w.executor, claimOf(id, { attempt: 2 }))).toEqual(refused("EXEC_ALREADY_CLAIMED"));
  const row = { attempt: 1, status: "claimed", claimedAt: NOON + 6_000, report: null };
  expect(await executionOf(w.app, id)).toEqual(row);
  const events = (await eventsOf(w.app, id, null, 50)).filter((event) => event.stream === `execution:${id}`);
  expect(events.map((event) => event.type)).toEqual(["execution.claimed"]);
});

test("of 200 executors who start the same attempt exactly one does", async () => {
  const id = await w.pendingRequest();
  const answers = await Promise.all(Array.from({ length: 200 }, () => claim(w.executor, claimOf(id))));
  expect(answers.filter((answer) => answer.claimed)).toHaveLength(1);
});

test("at the end of its lifetime an approval starts nothing", async () => {
  const id = await w.pendingRequest();
  const { executeBy } = claimOf(id);
  expect(await claim(w.executor, claimOf(id, { now: executeBy }))).toEqual(refused("TIME_NOT_STARTED"));
  expect(await claim(w.executor, claimOf(id, { now: executeBy - 1 }))).toEqual({ claimed: true });
});

test("a settled attempt never starts, the next one may", async () => {
  const id = await w.pendingRequest();
  expect(await settle(w.app, id, 1, NOON)).toEqual({ won: true });
  expect(await settle(w.app, id, 1, NOON + 5)).toEqual({ won: true });
  expect(await claim(w.executor, claimOf(id))).toEqual(refused("EXEC_NEVER"));
  expect(await executionOf(w.app, id)).toMatchObject({ attempt: 1, status: "never" });
  expect(await claim(w.executor, claimOf(id, { attempt: 2 }))).toEqual({ claimed: true });
  expect(await executionOf(w.app, id)).toMatchObject({ attempt: 2, status: "claimed" });
});

test("settling after the start loses, and tells the outcome when there is one", async () => {
  const id = await w.pendingRequest();
  await claim(w.executor, claimOf(id));
  expect(await settle(w.app, id, 1, NOON)).toEqual({ won: false, report: null });
  await writeOutcome(w.executor, id, 1, report());
  expect(await settle(w.app, id, 1, NOON)).toEqual({ won: false, report: report() });
  expect(await settle(w.app, id, 2, NOON)).toEqual({ won: false, report: report() });
});

test("between a start and a settlement at the same moment exactly one wins, 200 times", async () => {
  const outcomes: { start: ClaimResult; settlement: Settlement }[] = [];
  for (let batch = 0; batch < 10; batch++) {
    const ids = await Promise.all(Array.from({ length: 20 }, () => w.pendingRequest()));
    const tries = ids.map(async (id, n) => {
      const both = [() => claim(w.executor, claimOf(id)), () => settle(w.app, id, 1, NOON)] as const;
      // Which of the two is sent first changes from one request to the next.
      const second = n % 2 === 0 ? both[1]() : both[0]();
      const first = n % 2 === 0 ? both[0]() : both[1]();
      const [one, other] = await Promise.all([first, second]);
      const [start, settlement] = "claimed" in one ? [one, other] : [other, one];
      outcomes.push({ start: start as ClaimResult, settlement: settlement as Settlement });
      const rows = await w.app.orm.select().from(executions).where(eq(executions.requestId, id));
      expect(rows).toHaveLength(1);
    });
    await Promise.all(tries);
  }
  expect(outcomes).toHaveLength(200);
  for (const { start, settlement } of outcomes) expect(start.claimed).toBe(!settlement.won);
});

test("nothing starts after the request has ended, whatever attempt is asked for", async () => {
  const id = await w.pendingRequest();
  await record(w.app, later(id, 2, pending(id, { phase: "ended", outcome: ended("denied") })));
  for (const attempt of [1, 2, 3, 40]) {
    expect(await claim(w.executor, claimOf(id, { attempt }))).toEqual(refused("EXEC_NEVER"));
  }
});

test("an end recorded after the start leaves the claim as it is", async () => {
  const id = await w.pendingRequest();
  await claim(w.executor, claimOf(id));
  await record(w.app, later(id, 2, pending(id, { phase: "ended", attempt: 1, outcome: ended("denied") })));
  const rows = await w.app.orm.select().from(executions).where(eq(executions.requestId, id));
  expect(rows).toMatchObject([{ attempt: 1, status: "claimed" }]);
  expect((await requestById(w.app, id))?.status).toBe("running");
});

test("the first outcome stands and every later one is answered with it", async () => {
  const id = await w.pendingRequest();
  await claim(w.executor, claimOf(id));
  const answers = await Promise.all(
    (["succeeded", "failed", "unknown"] as const).map((status) => writeOutcome(w.executor, id, 1, report(status))),
  );
  expect(new Set(answers.map((answer) => answer.status)).size).toBe(1);
  const [first] = answers;
  expect(await executionOf(w.executor, id)).toMatchObject({ report: first });
  expect(await writeOutcome(w.executor, id, 1, report("failed"))).toEqual(first);
});

test("an outcome without a claim is refused", async () => {
  const id = await w.pendingRequest();
  await expect(writeOutcome(w.executor, id, 1, report())).rejects.toMatchObject({ code: "HISTORY_FORKED" });
  await claim(w.executor, claimOf(id));
  await expect(writeOutcome(w.executor, id, 2, report())).rejects.toMatchObject({ code: "HISTORY_FORKED" });
});

function refused(code: string): ClaimResult {
  return { claimed: false, code, freezeId: null } as ClaimResult;
}
