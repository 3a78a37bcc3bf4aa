import { expect, test } from "vitest";
import type { Delegation } from "../../core/delegation.ts";
import { LIMITS } from "../../core/limits.ts";
import type { PersonId } from "../../core/principal.ts";
import type { Signed } from "../../core/request.ts";
import { codeOf } from "../../db/client.ts";
import { delegationOf, delegationsUntil, keepDelegation } from "../../db/delegations.ts";
import { NOON } from "./fixture.ts";
import { world } from "./world.ts";

const w = world();
let count = 0;
function delegation(from: PersonId, to: PersonId | null, tweak: Partial<Delegation> = {}): Signed<Delegation> {
  const id = `dlg_${++count}`;
  const content: Delegation = { version: 1, id, from, to, until: NOON + 60_000, at: NOON, by: from, ...tweak };
  return { content, jws: `jws of ${id}` };
}
const idsUntil = async (at: number, from: PersonId) =>
  (await delegationsUntil(w.app, at)).filter(({ content }) => content.from === from).map(({ content }) => content.id);
const eventsAbout = (id: string) =>
  w.admin.sql<{ type: string; by: string }[]>`
    select type, by from audit_events where body::json -> 'data' -> 'data' ->> 'id' = ${id} order by id`;

test("an order comes back as it was signed, once however often it is kept, and the record tells it", async () => {
  const signed = delegation("person:ann", "person:ben", { by: "slack:T01/U01ANN" });
  await keepDelegation(w.app, signed);
  await keepDelegation(w.app, signed);
  expect(await delegationOf(w.app, "person:ann")).toEqual(signed);
  expect(await eventsAbout(signed.content.id)).toEqual([{ type: "delegation.ordered", by: "person:ann" }]);
});

test("the newest order of a person is theirs, also when it ends the one before", async () => {
  await keepDelegation(w.app, delegation("person:cid", "person:ben"));
  const end = delegation("person:cid", null, { at: NOON + 1 });
  await keepDelegation(w.app, end);
  expect(await delegationOf(w.app, "person:cid")).toEqual(end);
  expect((await eventsAbout(end.content.id)).map(({ type }) => type)).toEqual(["delegation.ended"]);
  expect(await delegationOf(w.app, "person:nobody")).toBeNull();
});

test("an answer is judged by the orders of its moment: not by later ones, and an end among them", async () => {
  const [first, end, later] = [
    delegation("person:dot", "person:ben"),
    delegation("person:dot", null, { at: NOON + 10 }),
    delegation("person:dot", "person:eve", { at: NOON + 20 }),
  ] as const;
  for (const signed of [first, end, later]) await keepDelegation(w.app, signed);
  expect(await idsUntil(NOON, "person:dot")).toEqual([first.content.id]);
  expect(await idsUntil(NOON + 15, "person:dot")).toEqual([end.content.id, first.content.id]);
  const longAfter = NOON + LIMITS.delegationSeconds * 1000 + 15;
  expect(await idsUntil(longAfter, "person:dot")).toEqual([later.content.id]);
});

test("whoever looks later, as the gate does, still finds the orders of the answers' own moments", async () => {
  const signed = delegation("person:gus", "person:ben");
  await keepDelegation(w.app, signed);
  const longAfter = NOON + LIMITS.delegationSeconds * 1000 + 15;
  const found = await delegationsUntil(w.executor, longAfter, NOON + 1);
  expect(found.map(({ content }) => content.id)).toContain(signed.content.id);
});

test("whoever orders without end crowds nobody else out, and is still known by their newest order", async () => {
  const signed = delegation("person:hal", "person:ben", { at: NOON + 100 });
  await keepDelegation(w.app, signed);
  await w.app.sql`
    insert into delegations (id, from_person, to_person, until, content, jws, at)
    select 'dlg_flood_' || n, 'person:ivy', 'person:ben', now(),
      json_build_object('id', 'dlg_flood_' || n, 'from', 'person:ivy'), 'jws',
      ${new Date(NOON + 1_000).toISOString()}::timestamptz + n * interval '1 millisecond'
    from generate_series(1, ${LIMITS.delegationsInForce}) n`;
  const until = NOON + 60_000;
  expect(await idsUntil(until, "person:hal")).toEqual([signed.content.id]);
  expect((await idsUntil(until, "person:ivy"))[0]).toBe(`dlg_flood_${LIMITS.delegationsInForce}`);
});

test("an order can neither be changed nor taken back, and the executor reads it for itself", async () => {
  await keepDelegation(w.app, delegation("person:fay", "person:ben"));
  for (const statement of ["update delegations set to_person = 'person:eve'", "delete from delegations"]) {
    await expect(w.app.sql.unsafe(statement)).rejects.toSatisfy((error) => codeOf(error) === "42501");
  }
  await expect(keepDelegation(w.executor, delegation("person:eve", "person:ben"))).rejects.toThrow();
  expect((await delegationsUntil(w.executor, NOON)).length).toBeGreaterThan(0);
});
