import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import type { Review } from "../../core/deliberation-types.ts";
import { type InboxList, inboxList } from "../../db/read/inbox.ts";
import { listRequests } from "../../db/read/requests.ts";
import { record } from "../../db/record.ts";
import type { Reader } from "../../db/types.ts";
import { ended, FACTS_DIGEST, later, NOON, pending, starting } from "./fixture.ts";
import { world } from "./world.ts";

const w = world();
const DAY = 86_400_000;

test("what I may answer waits for me, and once I have answered it waits for my groups", async () => {
  const id = await w.pendingRequest();
  expect(await lists(reader("person:rita", "group:data"), id)).toEqual(["me"]);
  await record(w.app, later(id, 2, pending(id, { reviews: [review("person:rita")] })));
  expect(await lists(reader("person:rita", "group:data"), id)).toEqual(["groups"]);
  expect(await lists(reader("person:ruth", "group:data"), id)).toEqual(["me"]);
});

test("whoever owns the agent, or whom it was asked for, finds it under asked and never under mine", async () => {
  const id = await w.pendingRequest();
  for (const person of ["person:otto", "person:olga"] as const) {
    expect(await lists(reader(person, "group:data"), id)).toEqual(["groups", "asked"]);
    expect(await lists(reader(person), id)).toEqual(["asked"]);
  }
});

test("a group that the policy excludes is asked for nothing", async () => {
  const id = await w.pendingRequest();
  const { requirement } = pending(id);
  if (requirement === null) throw new Error("The fixture has a requirement.");
  const state = pending(id, { requirement: { ...requirement, excludeGroups: ["group:vendors"] } });
  await record(w.app, later(id, 2, state));
  expect(await lists(reader("person:rita", "group:data", "group:vendors"), id)).toEqual(["groups"]);
  expect(await lists(reader("person:rita", "group:data"), id)).toEqual(["me"]);
});

test("a request waits for the colleague of somebody who is away, unless the one who is away may not answer", async () => {
  const id = await w.pendingRequest();
  const place = { name: "Ruth", groups: ["group:data" as const], until: NOON + DAY };
  const inPlaceOf = (person: "person:ruth" | "person:otto"): Reader => {
    return { self: ["person:rita"], groups: [], joined: [], standsFor: [{ ...place, person }] };
  };
  expect(await lists(inPlaceOf("person:ruth"), id)).toEqual(["me"]);
  expect(await lists(inPlaceOf("person:otto"), id)).toEqual([]);
  await record(w.app, later(id, 2, pending(id, { reviews: [review("person:ruth")] })));
  expect(await lists(inPlaceOf("person:ruth"), id)).toEqual([]);
});

test("whoever joined a group of a chat is waited for by what was opened after that, and by nothing older", async () => {
  const id = await w.pendingRequest();
  const joined = (since: number): Reader => {
    return { ...reader("person:rita", "group:data"), joined: [{ group: "group:data", since }] };
  };
  expect(await lists(joined(NOON), id)).toEqual(["me"]);
  expect(await lists(joined(NOON + 1), id)).toEqual([]);
  expect(await lists({ ...joined(NOON + 1), groups: ["group:data", "group:security"] }, id)).toEqual(["me"]);
});

test("a hold waits for every auditor but the one who put it up", async () => {
  const id = await w.pendingRequest();
  const hold = { by: "person:erin" as const, since: NOON, expiresAt: NOON + DAY, remainingMs: 5 };
  const flag = { messageId: "msg_1", by: "person:erin" as const, name: "Erin", reason: "X", note: "Why", at: NOON };
  const state = pending(id, { phase: "held", hold, flags: [{ ...flag, held: true }] });
  await record(w.app, later(id, 2, state));
  expect(await lists(reader("person:ed", "group:auditors"), id)).toEqual(["me", "held"]);
  expect(await lists(reader("person:erin", "group:auditors"), id)).toEqual(["groups", "held"]);
});

test("what was decided is listed for those it concerned, for as long as was asked, and for nobody else", async () => {
  const id = await w.pendingRequest();
  await record(w.app, later(id, 2, starting(id)));
  const outcome = ended("succeeded");
  await record(w.app, later(id, 3, { ...starting(id), reviews: [review("person:rita")], phase: "ended", outcome }));
  expect(await lists(reader("person:rita"), id)).toEqual(["decided"]);
  expect(await lists(reader("person:ruth", "group:data"), id)).toEqual(["decided"]);
  expect(await lists(reader("person:otto"), id)).toEqual(["asked", "decided"]);
  expect(await lists(reader("person:stranger", "group:strangers"), id)).toEqual([]);
  const late = { cursor: null, limit: 50, decidedSince: NOON + 30 * DAY };
  expect((await inboxList(w.app, "decided", reader("person:rita"), late)).items).toEqual([]);
});

test("what concerns a person is what they asked for, own, are asked to answer, or answered", async () => {
  const id = await w.pendingRequest();
  const concerned = async (one: Reader) => {
    const nothing = { status: null, waitingFor: null, partyTo: null, requester: null, actionType: null, text: null };
    const page = await listRequests(w.app, { ...nothing, concerning: one, cursor: null, limit: 200 });
    return page.items.some((item) => item.id === id);
  };
  expect(await concerned(reader("person:otto"))).toBe(true);
  expect(await concerned(reader("person:ruth", "group:security"))).toBe(true);
  expect(await concerned(reader("person:lea", "group:leads"))).toBe(false);
  await record(w.app, later(id, 2, pending(id, { widened: [[], ["group:leads"]], reviews: [review("person:rita")] })));
  expect(await concerned(reader("person:lea", "group:leads"))).toBe(true);
  expect(await concerned(reader("person:rita"))).toBe(true);
  expect(await concerned(reader("person:stranger"))).toBe(false);
});

test("a list is paged without repeating or losing any", async () => {
  const ids = await Promise.all(Array.from({ length: 7 }, () => w.pendingRequest()));
  const one = reader("person:pia", "group:data");
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof inboxList>> = await inboxList(w.app, "me", one, {
      ...{ cursor, limit: 3, decidedSince: NOON },
    });
    seen.push(...page.items.map((item) => item.id));
    cursor = page.nextCursor;
  } while (cursor !== null);
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen).toEqual(expect.arrayContaining(ids));
});

test("a database of before learns whom each of its requests concerns", async () => {
  const id = await w.pendingRequest();
  await record(w.app, later(id, 2, pending(id, { widened: [[], ["group:leads"]], reviews: [review("person:rita")] })));
  const columns = w.admin.sql`select asked, answered, kept_out from requests where id = ${id}`;
  const projected = sorted(await columns);
  await w.admin.sql`update requests set asked = '{}', answered = '{}', kept_out = '{}'`;
  const migration = await readFile(new URL("../../db/migrations/0004-concerns.sql", import.meta.url), "utf8");
  const [update = ""] = /^update requests[\s\S]*?;$/m.exec(migration) ?? [];
  await w.admin.sql.unsafe(update);
  expect(sorted(await w.admin.sql`select asked, answered, kept_out from requests where id = ${id}`)).toEqual(projected);
});

function sorted([row]: readonly Record<string, string[]>[]): Record<string, string[]> {
  return Object.fromEntries(Object.entries(row ?? {}).map(([name, values]) => [name, [...values].sort()]));
}

function reader(person: `person:${string}`, ...groups: `group:${string}`[]): Reader {
  return { self: [person], groups, joined: [], standsFor: [] };
}

/** In which of the lists it is; `held` only for those who look after holds. */
async function lists(one: Reader, id: string): Promise<InboxList[]> {
  const all: InboxList[] = ["me", "groups", "asked", "decided", "held"];
  const found: InboxList[] = [];
  for (const list of all) {
    const page = await inboxList(w.app, list, one, { cursor: null, limit: 200, decidedSince: NOON - 7 * DAY });
    if (page.items.some((item) => item.id === id)) found.push(list);
  }
  return found;
}

function review(person: `person:${string}`): Review {
  return {
    ...{ messageId: `msg_${person}`, person, name: person, verb: "approve", groups: ["group:data"], channel: "page" },
    ...{ factsDigest: FACTS_DIGEST, reason: null, note: null, signedAt: NOON },
  };
}
