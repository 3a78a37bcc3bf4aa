import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import type { ExecutionReport } from "../../core/deliberation-types.ts";
import { STATUSES } from "../../core/status.ts";
import { recordResolution } from "../../db/admin.ts";
import { claim, writeOutcome } from "../../db/claim.ts";
import { eventsOf } from "../../db/read/events.ts";
import { listRequests, requestById } from "../../db/read/requests.ts";
import { statusOf } from "../../db/read/status.ts";
import { record } from "../../db/record.ts";
import type { ListFilter, Page, RequestRecord, Resolution } from "../../db/types.ts";
import { claimOf, ended, evaluated, later, NOON, pending, report, starting, submission, submitted } from "./fixture.ts";
import { world } from "./world.ts";

const w = world();
const ALL: ListFilter = {
  ...{ status: null, waitingFor: null, partyTo: null, concerning: null, requester: null },
  ...{ actionType: null, text: null, cursor: null, limit: 50 },
};

test("a request is told whole: who, where, what was shown and what is still missing", async () => {
  const id = await w.pendingRequest();
  expect(await requestById(w.app, id)).toMatchObject({
    id,
    status: "pending",
    submission: submission(id).content,
    environment: "production",
    names: { requester: "Reporter", owner: "Otto" },
    state: pending(id),
    configurationVersion: 7,
    outcome: null,
    createdAt: NOON,
    updatedAt: NOON + 1_000,
    revision: 2,
  });
  expect(await requestById(w.app, "req_nobody")).toBeNull();
});

test("the outcome is told as soon as the executor has written it, before the workflow knows", async () => {
  const id = await w.pendingRequest();
  await record(w.app, later(id, 2, starting(id)));
  expect((await requestById(w.app, id))?.status).toBe("starting");
  await claim(w.executor, claimOf(id));
  const running = await requestById(w.app, id);
  expect(running).toMatchObject({ status: "running", outcome: null, revision: 4 });
  await writeOutcome(w.executor, id, 1, report());
  expect(await requestById(w.app, id)).toMatchObject({
    ...{ status: "succeeded", report: report(), revision: 5, updatedAt: NOON + 7_000 },
    outcome: { status: "succeeded", decidedBy: "people", report: report() },
  });
});

test("what an operator resolves is shown, and only what is unknown can be resolved", async () => {
  const id = await w.pendingRequest();
  await expect(recordResolution(w.app, resolution(id, "failed"))).rejects.toMatchObject({ code: "NOT_UNKNOWN" });
  await claim(w.executor, claimOf(id));
  await expect(recordResolution(w.app, resolution(id, "failed"))).rejects.toMatchObject({ code: "NOT_UNKNOWN" });
  const outcome = ended("unknown", report("unknown"));
  await record(w.app, later(id, 2, pending(id, { phase: "ended", attempt: 1, outcome })));
  expect((await requestById(w.app, id))?.status).toBe("unknown");
  await recordResolution(w.app, resolution(id, "failed"));
  const found = await requestById(w.app, id);
  expect(found).toMatchObject({ status: "failed", outcome: { status: "unknown" } });
  expect(found?.resolution).toEqual(resolution(id, "failed").content);
  await expect(recordResolution(w.app, resolution(id, "succeeded"))).rejects.toMatchObject({ code: "NOT_UNKNOWN" });
  await expect(recordResolution(w.app, resolution("req_no", "failed"))).rejects.toMatchObject({ code: "NOT_FOUND" });
  expect((await eventsOf(w.app, id, null, 50)).at(-1)).toMatchObject({
    type: "execution.resolved",
    by: "person:oscar",
  });
});

test("of two operators who resolve at once one is refused", async () => {
  const id = await w.pendingRequest();
  await claim(w.executor, claimOf(id));
  await writeOutcome(w.executor, id, 1, report("unknown"));
  const both = (["failed", "succeeded"] as const).map((outcome) => recordResolution(w.app, resolution(id, outcome)));
  const answers = await Promise.allSettled(both);
  expect(answers.map((answer) => answer.status).sort()).toEqual(["fulfilled", "rejected"]);
});

test("what the executor saw outweighs what the workflow and an operator believed", () => {
  const known = fc.record({
    recorded: fc.constantFrom(...STATUSES.filter((status) => status !== "running")),
    claimed: fc.constant(true),
    report: fc.constantFrom<ExecutionReport["status"]>("succeeded", "failed"),
    resolution: fc.constantFrom<Resolution["outcome"] | null>("succeeded", "failed", null),
  });
  fc.assert(fc.property(known, (rows) => statusOf(rows) === rows.report));
});

test("a filter by status finds exactly the requests that show it, for every combination of what is known", async () => {
  const made: string[] = [];
  for (const recorded of [...STATUSES.filter((status) => status !== "running")]) {
    for (const claimed of [false, true]) {
      for (const told of claimed ? [null, "succeeded", "failed", "unknown"] : [null]) {
        for (const resolved of [null, "succeeded", "failed"]) {
          made.push(await combination(recorded, claimed, told, resolved));
        }
      }
    }
  }
  const shown = await everyPage({ ...ALL, requester: "agent:combinations", limit: 200 });
  expect(new Set(shown.map((one) => one.id))).toEqual(new Set(made));
  for (const status of STATUSES) {
    const filtered = await everyPage({ ...ALL, requester: "agent:combinations", status, limit: 200 });
    const expected = shown.filter((one) => one.status === status).map((one) => one.id);
    expect(filtered.map((one) => one.id)).toEqual(expected);
    expect(expected.length).toBeGreaterThan(0);
  }
});

test("paging shows every request once, though others arrive between pages and some share a moment", async () => {
  const requester = "agent:paged" as const;
  const before = await Promise.all(Array.from({ length: 23 }, (_, n) => arrive(requester, NOON + Math.floor(n / 4))));
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const [page]: [Page<RequestRecord>, string] = await Promise.all([
      listRequests(w.app, { ...ALL, requester, cursor, limit: 5 }),
      arrive(requester, NOON + 500),
    ]);
    seen.push(...page.items.map((one) => one.id));
    cursor = page.nextCursor;
  } while (cursor !== null);
  expect(seen.filter((id) => before.includes(id)).sort()).toEqual([...before].sort());
  expect(new Set(seen).size).toBe(seen.length);
});

test("a cursor nobody gave out is refused", async () => {
  for (const cursor of ["nonsense", "", Buffer.from("12 ' or 1=1").toString("base64url")]) {
    await expect(listRequests(w.app, { ...ALL, cursor })).rejects.toMatchObject({ code: "MALFORMED" });
  }
});

test("a list is never longer than the limit of lists, and never empty for a limit of nothing", async () => {
  expect((await listRequests(w.app, { ...ALL, limit: 0 })).items).toHaveLength(1);
  expect((await listRequests(w.app, { ...ALL, limit: 1e9 })).items.length).toBeLessThanOrEqual(200);
});

test("what waits for a group is found by the group, a widened slot's too, and by no other", async () => {
  const requester = "agent:waiting" as const;
  const id = await arrive(requester, NOON);
  const open = pending(id);
  await record(w.app, evaluated(id, { state: open }));
  const waits = async (...groups: `group:${string}`[]) => {
    const waitingFor = { self: ["person:rita" as const], groups, joined: [], standsFor: [] };
    return (await listRequests(w.app, { ...ALL, requester, waitingFor })).items.length === 1;
  };
  expect([await waits("group:data"), await waits("group:security"), await waits("group:leads")]).toEqual([
    true,
    true,
    false,
  ]);
  await record(w.app, later(id, 2, { ...open, widened: [[], ["group:leads"]] }));
  expect(await waits("group:leads", "group:nobody")).toBe(true);
  const hold = { by: "person:dana" as const, since: NOON, expiresAt: NOON + 9_000, remainingMs: 5 };
  await record(w.app, later(id, 3, { ...open, phase: "held", hold }));
  expect([await waits("group:data"), await waits("group:auditors")]).toEqual([false, true]);
  await record(w.app, later(id, 4, starting(id)));
  expect([await waits("group:data"), await waits("group:auditors")]).toEqual([false, false]);
  expect(await waits()).toBe(false);
});

test("only what concerns a principal is visible to it", async () => {
  const id = await arrive("agent:visible", NOON);
  const sees = async (...self: ("person:otto" | "person:olga" | "agent:visible" | "person:stranger")[]) => {
    const concerning = { self, groups: [], joined: [], standsFor: [] };
    const page = await listRequests(w.app, { ...ALL, requester: "agent:visible", concerning });
    return page.items.map((one) => one.id);
  };
  expect(await sees("agent:visible")).toEqual([id]);
  expect(await sees("person:otto")).toEqual([id]);
  expect(await sees("person:olga")).toEqual([id]);
  expect(await sees("person:stranger")).toEqual([]);
  expect(await sees()).toEqual([]);
});

test("the search box looks for text, and its signs mean themselves", async () => {
  const id = w.newId();
  await record(w.app, submitted(id, { submission: submission(id, { justification: "100%_of \\ it" }) }));
  const finds = async (text: string) => (await everyPage({ ...ALL, text })).map((one) => one.id);
  expect(await finds("100%_OF")).toEqual([id]);
  expect(await finds("\\ it")).toEqual([id]);
  expect(await finds("100__of")).toEqual([]);
  expect(await finds(id)).toEqual([id]);
  expect(await finds("\0")).not.toEqual([]);
});

test("events of workflow, executor and operator come in the order they happened, page by page", async () => {
  const id = await w.pendingRequest();
  await claim(w.executor, claimOf(id));
  await writeOutcome(w.executor, id, 1, report("unknown"));
  await recordResolution(w.app, resolution(id, "succeeded"));
  await record(w.app, later(id, 2, pending(id)));
  const whole = await eventsOf(w.app, id, null, 50);
  expect(whole.map((event) => event.type)).toEqual([
    "request.submitted",
    "request.evaluated",
    "request.pending",
    "execution.claimed",
    "execution.unknown",
    "execution.resolved",
    "request.reminded",
  ]);
  const first = await eventsOf(w.app, id, null, 3);
  const rest = await eventsOf(w.app, id, first.at(-1)?.id ?? null, 50);
  expect([...first, ...rest]).toEqual(whole);
  expect(typeof whole[0]?.id).toBe("string");
  await expect(eventsOf(w.app, id, "1; drop", 5)).rejects.toMatchObject({ code: "MALFORMED" });
});

beforeAll(async () => {
  await w.pendingRequest();
});

function resolution(requestId: string, outcome: Resolution["outcome"]) {
  const told = { outcome, reason: "ADMIN_RESOLVED", note: "The file is not there." };
  const content = { version: 1 as const, requestId, ...told, by: "person:oscar" as const, at: NOON + 60_000 };
  return { content, jws: "jws" };
}

async function arrive(requester: `agent:${string}`, at: number): Promise<string> {
  const id = w.newId();
  const input = submitted(id, { submission: submission(id, { requester }) });
  await record(w.app, { ...input, entry: { ...input.entry, at } });
  return id;
}

/** Written row by row, because a history can make only some of these. */
async function combination(recorded: string, claimed: boolean, told: string | null, resolved: string | null) {
  const id = await arrive("agent:combinations", NOON);
  const { sql } = w.admin;
  await sql`update requests set recorded_status = ${recorded} where id = ${id}`;
  if (claimed) await sql`insert into executions (request_id, attempt, status, at) values (${id}, 1, 'claimed', now())`;
  else await sql`insert into executions (request_id, attempt, status, at) values (${id}, 1, 'never', now())`;
  if (told !== null) {
    const json = JSON.stringify(report(told as ExecutionReport["status"]));
    await sql`insert into outcomes values (${id}, 1, ${told}, ${json}::text::json, now())`;
  }
  if (resolved !== null) {
    const json = JSON.stringify(resolution(id, resolved as Resolution["outcome"]).content);
    await sql`insert into resolutions values (${id}, ${resolved}, 'person:oscar', ${json}::text::json, 'jws', now())`;
  }
  return id;
}

async function everyPage(filter: ListFilter): Promise<RequestRecord[]> {
  const items: RequestRecord[] = [];
  let cursor: string | null = null;
  do {
    const page = await listRequests(w.app, { ...filter, cursor });
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return items;
}
