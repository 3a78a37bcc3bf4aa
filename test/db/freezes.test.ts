import { expect, test } from "vitest";
import type { Signed } from "../../core/request.ts";
import { freezesInForce, orderFreeze } from "../../db/admin.ts";
import { claim, writeOutcome } from "../../db/claim.ts";
import { auditEvents } from "../../db/schema/audit-events.ts";
import type { FreezeOrder } from "../../db/types.ts";
import { claimOf, NOON, report } from "./fixture.ts";
import { world } from "./world.ts";

const w = world();
let orders = 0;

function freeze(tweak: Partial<FreezeOrder> = {}): Signed<FreezeOrder> {
  const content: FreezeOrder = {
    version: 1,
    id: `frz_${++orders}`,
    kind: "freeze",
    lifts: null,
    scope: { agent: null, actionType: null, target: null },
    reason: "Looks wrong",
    by: "person:oscar",
    at: NOON,
    ...tweak,
  };
  return { content, jws: `jws of ${content.id}` };
}

function liftOf(order: Signed<FreezeOrder>): Signed<FreezeOrder> {
  return freeze({ kind: "lift", lifts: order.content.id });
}

test("a freeze of everything stops a start, and its lift lets it go on", async () => {
  const id = await w.pendingRequest();
  const order = freeze();
  await orderFreeze(w.app, order);
  const frozen = { claimed: false, code: "ADMIN_FROZEN", freezeId: order.content.id };
  expect(await claim(w.executor, claimOf(id))).toEqual(frozen);
  await orderFreeze(w.app, liftOf(order));
  expect(await claim(w.executor, claimOf(id))).toEqual({ claimed: true });
});

test.each([
  ["agent", "agent:reporter", "agent:other"],
  ["actionType", "postgres.export", "postgres.other"],
  ["target", "crm", "billing"],
])("a freeze of one %s stops that one and no other", async (field, ours, other) => {
  const everything = { agent: null, actionType: null, target: null };
  const elsewhere = freeze({ scope: { ...everything, [field]: other } });
  await orderFreeze(w.app, elsewhere);
  expect(await claim(w.executor, claimOf(await w.pendingRequest()))).toEqual({ claimed: true });
  const here = freeze({ scope: { ...everything, [field]: ours } });
  await orderFreeze(w.app, here);
  expect(await claim(w.executor, claimOf(await w.pendingRequest()))).toMatchObject({ freezeId: here.content.id });
  await orderFreeze(w.app, liftOf(elsewhere));
  await orderFreeze(w.app, liftOf(here));
});

test("a lift whose signature does not hold lifts nothing", async () => {
  const id = await w.pendingRequest();
  const order = freeze();
  const lift = liftOf(order);
  await orderFreeze(w.app, order);
  await orderFreeze(w.app, lift);
  const believed = claim(w.executor, claimOf(id), async ({ jws }) => jws !== lift.jws);
  expect(await believed).toEqual({ claimed: false, code: "ADMIN_FROZEN", freezeId: order.content.id });
  expect(await claim(w.executor, claimOf(id), async () => true)).toEqual({ claimed: true });
});

test("freezing tells what already runs in its scope, and not what has ended", async () => {
  const [running, over] = [await w.pendingRequest(), await w.pendingRequest()];
  await claim(w.executor, claimOf(running));
  await claim(w.executor, claimOf(over));
  await writeOutcome(w.executor, over, 1, report());
  const order = freeze({ scope: { agent: "agent:reporter", actionType: null, target: null } });
  const answer = await orderFreeze(w.app, order);
  const found = answer.running.map((row) => row.requestId);
  expect(found).toContain(running);
  expect(found).not.toContain(over);
  const other = freeze({ scope: { agent: "agent:other", actionType: null, target: null } });
  expect(await orderFreeze(w.app, other)).toEqual({ running: [] });
  await orderFreeze(w.app, liftOf(order));
  await orderFreeze(w.app, liftOf(other));
});

test("after a freeze was ordered nothing starts: every start at the same moment is in its answer or refused", async () => {
  for (let round = 0; round < 10; round++) {
    const ids = await Promise.all(Array.from({ length: 10 }, () => w.pendingRequest()));
    const order = freeze();
    const starts = ids.slice(0, 5).map((id) => claim(w.executor, claimOf(id)));
    const frozen = orderFreeze(w.app, order);
    const later = ids.slice(5).map((id) => claim(w.executor, claimOf(id)));
    const [{ running }, ...answers] = await Promise.all([frozen, ...starts, ...later]);
    const told = new Set(running.map((row) => row.requestId));
    ids.forEach((id, n) => {
      expect(told.has(id)).toBe(answers[n]?.claimed);
    });
    expect(await claim(w.executor, claimOf(await w.pendingRequest()))).toMatchObject({ code: "ADMIN_FROZEN" });
    await orderFreeze(w.app, liftOf(order));
  }
});

test("freezes in force are those that were not lifted, as they were signed", async () => {
  const [one, other] = [freeze(), freeze({ at: NOON + 1 })];
  await orderFreeze(w.app, one);
  await orderFreeze(w.app, other);
  expect(await freezesInForce(w.app)).toEqual([one, other]);
  await orderFreeze(w.app, liftOf(one));
  expect(await freezesInForce(w.executor)).toEqual([other]);
  await orderFreeze(w.app, liftOf(other));
  expect(await freezesInForce(w.app)).toEqual([]);
});

test("the same order twice is one freeze and one event; lifting what is not there is refused", async () => {
  const order = freeze();
  await orderFreeze(w.app, order);
  await orderFreeze(w.app, order);
  const events = await w.app.orm.select().from(auditEvents);
  const ours = events.filter((event) => event.data.id === order.content.id);
  expect(ours.map((event) => [event.stream, event.type])).toEqual([["administration", "freeze.ordered"]]);
  const stray = freeze({ kind: "lift", lifts: "frz_nobody" });
  await expect(orderFreeze(w.app, stray)).rejects.toMatchObject({ code: "NOT_FOUND" });
  await orderFreeze(w.app, liftOf(order));
});

test("administration events keep one gapless order though many write at once", async () => {
  const made = Array.from({ length: 15 }, () =>
    freeze({ scope: { agent: "agent:x", actionType: null, target: null } }),
  );
  await Promise.all(made.map((order) => orderFreeze(w.app, order)));
  const events = await w.app.orm.select().from(auditEvents).orderBy(auditEvents.id);
  const places = events.filter((event) => event.stream === "administration").map((event) => event.seq);
  expect(places).toEqual(places.map((_, index) => index));
});
