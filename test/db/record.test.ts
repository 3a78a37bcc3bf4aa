import { eq } from "drizzle-orm";
import { expect, test } from "vitest";
import { canonicalJson } from "../../crypto/canonical.ts";
import { sha256 } from "../../crypto/digest.ts";
import { gateMaterial } from "../../db/gate-material.ts";
import { requestById } from "../../db/read/requests.ts";
import { record } from "../../db/record.ts";
import { auditEvents } from "../../db/schema/audit-events.ts";
import { executions } from "../../db/schema/executions.ts";
import { journal } from "../../db/schema/journal.ts";
import { messages } from "../../db/schema/messages.ts";
import { requests } from "../../db/schema/requests.ts";
import {
  DESCRIPTION,
  EVALUATION,
  ended,
  evaluated,
  FACTS_DIGEST,
  later,
  message,
  NOON,
  pending,
  starting,
  submission,
  submitted,
} from "./fixture.ts";
import { world } from "./world.ts";

const w = world();

test("the first write of an entry stands and the second is answered with it", async () => {
  const id = await w.pendingRequest();
  const first = later(id, 2, pending(id, { reminded: [60] }));
  const second = later(id, 2, pending(id, { outcome: null }), {
    entry: { ...first.entry, at: NOON + 9_000 },
    message: message(id, "msg_late"),
  });
  expect(await record(w.app, first)).toEqual({ adopted: null });
  expect(await record(w.app, second)).toEqual({ adopted: first.entry });
  expect((await requestById(w.app, id))?.state?.reminded).toEqual([60]);
  expect(await w.app.orm.select().from(messages).where(eq(messages.requestId, id))).toEqual([]);
});

test("of many writers of one entry exactly one is not told to adopt another's", async () => {
  const id = await w.pendingRequest();
  const inputs = Array.from({ length: 20 }, (_, n) => {
    const input = later(id, 2, pending(id, { reminded: [n] }));
    return { ...input, entry: { ...input.entry, at: NOON + 10_000 + n } };
  });
  const answers = await Promise.all(inputs.map((input) => record(w.app, input)));
  const winners = answers.flatMap((answer, n) => (answer.adopted === null ? [n] : []));
  expect(winners).toHaveLength(1);
  const [winner] = winners;
  expect((await requestById(w.app, id))?.state?.reminded).toEqual([winner]);
  for (const answer of answers) if (answer.adopted) expect(answer.adopted.at).toBe(NOON + 10_000 + (winner ?? -1));
});

test("repeating a whole history changes nothing, however often the worker was killed between", async () => {
  const id = w.newId();
  const history = [
    submitted(id),
    evaluated(id),
    later(id, 2, pending(id), { message: message(id, "msg_1") }),
    later(id, 3, starting(id)),
    later(id, 4, pending(id, { phase: "ended", outcome: ended("withdrawn") })),
  ];
  for (const input of history) await record(w.app, input);
  const before = await everythingAbout(id);
  for (const input of [...history, ...history]) expect(await record(w.app, input)).toEqual({ adopted: null });
  expect(await everythingAbout(id)).toEqual(before);
});

test("an adopted entry brings the projection up to date when it is behind or missing", async () => {
  const id = await w.pendingRequest();
  const input = later(id, 2, pending(id, { reminded: [60] }));
  await record(w.app, input);
  const whole = await requestById(w.app, id);
  await w.admin.orm
    .update(requests)
    .set({ seq: 1, state: pending(id) })
    .where(eq(requests.id, id));
  await record(w.app, input);
  expect(await requestById(w.app, id)).toEqual(whole);
  await w.admin.orm.delete(requests).where(eq(requests.id, id));
  await record(w.app, input);
  expect(await requestById(w.app, id)).toEqual(whole);
});

test("the same entry with its keys in another order is the same entry", async () => {
  const id = w.newId();
  const input = submitted(id);
  await record(w.app, input);
  const { at, cause, happened } = input.entry;
  expect(await record(w.app, { ...input, entry: { happened, cause, at } })).toEqual({ adopted: null });
});

test("a submission of another action under the same id is refused and nothing changes", async () => {
  const id = await w.pendingRequest();
  const before = await everythingAbout(id);
  const other = submission(id, { digest: sha256("another action") });
  const again = record(w.app, submitted(id, { submission: other }));
  await expect(again).rejects.toMatchObject({ code: "HISTORY_FORKED" });
  expect(await everythingAbout(id)).toEqual(before);
});

test("an entry that follows nothing is refused", async () => {
  const id = await w.pendingRequest();
  await expect(record(w.app, later(id, 5, pending(id)))).rejects.toMatchObject({ code: "HISTORY_FORKED" });
  const unknown = w.newId();
  const orphan = submitted(unknown, { submission: null });
  await expect(record(w.app, orphan)).rejects.toMatchObject({ code: "HISTORY_FORKED" });
  const misplaced = submitted(w.newId(), { submission: submission(id) });
  await expect(record(w.app, misplaced)).rejects.toMatchObject({ code: "HISTORY_FORKED" });
});

test("each happening becomes one audit event whose digest is that of its canonical body", async () => {
  const id = await w.pendingRequest();
  const events = await w.app.orm.select().from(auditEvents).where(eq(auditEvents.requestId, id));
  expect(events.map(({ stream, seq, part, type }) => [stream, seq, part, type])).toEqual([
    [`request:${id}`, 0, 0, "request.submitted"],
    [`request:${id}`, 1, 0, "request.evaluated"],
    [`request:${id}`, 1, 1, "request.pending"],
  ]);
  for (const { body, digest, stream, seq, part } of events) {
    expect(sha256(body)).toBe(digest);
    expect(canonicalJson(JSON.parse(body))).toBe(body);
    expect(JSON.parse(body)).toMatchObject({ id: `${stream}/${seq}/${part}`, subject: id, specversion: "1.0" });
  }
});

test("text the database or canonical JSON would refuse does not block the record", async () => {
  const id = w.newId();
  const note = "half a \uD83D and a \0";
  const input = submitted(id, { submission: submission(id, { justification: note }) });
  const noted = { type: "request.submitted" as const, by: null, reasons: [], data: { note } };
  await record(w.app, { ...input, entry: { ...input.entry, happened: [noted] } });
  expect((await requestById(w.app, id))?.submission.justification).toBe(note);
});

test("a message is kept once, and the gate gets it with the time the workflow took it", async () => {
  const id = await w.pendingRequest();
  const said = message(id, "msg_1");
  await record(w.app, later(id, 2, pending(id), { message: said }));
  await record(w.app, later(id, 3, pending(id), { message: said }));
  expect(await gateMaterial(w.executor, id)).toEqual({
    submission: submission(id),
    messages: [{ signed: said, identification: null, at: NOON + 2_000 }],
    openedAt: NOON + 1_000,
    asked: NOON + 1_000,
    policyDigest: EVALUATION.policyDigest,
    shown: [{ factsDigest: FACTS_DIGEST, description: DESCRIPTION }],
    execution: null,
  });
});

test("whose account a message came from reaches the gate as it was signed", async () => {
  const id = await w.pendingRequest();
  const said = message(id, "msg_1", { principal: "slack:T1/U1", channel: "slack" });
  const content = {
    ...{ version: 1 as const, requestId: id, messageId: "msg_1", account: "slack:T1/U1" as const },
    ...{ person: "person:rita" as const, found: "directory" as const, off: [], at: NOON },
  };
  const identification = { content, jws: "header..signature" };
  await record(w.app, later(id, 2, pending(id), { message: said, identification }));
  const material = await gateMaterial(w.executor, id);
  expect(material?.messages).toEqual([{ signed: said, identification, at: NOON + 2_000 }]);
});

test("before the evaluation the gate's material is the submission, and for a stranger there is none", async () => {
  const id = w.newId();
  await record(w.app, submitted(id));
  expect(await gateMaterial(w.executor, id)).toMatchObject({ submission: submission(id), asked: null, shown: [] });
  expect(await gateMaterial(w.executor, "req_nobody")).toBeNull();
});

test.each(["denied", "expired", "withdrawn"] as const)("a request that ended %s leaves tombstones", async (status) => {
  const id = await w.pendingRequest();
  const outcome = ended(status);
  await record(w.app, later(id, 2, pending(id, { phase: "ended", attempt: 1, outcome })));
  const rows = await w.app.orm.select().from(executions).where(eq(executions.requestId, id));
  expect(rows.map(({ attempt, status }) => [attempt, status])).toEqual([
    [1, "never"],
    [2, "never"],
  ]);
});

test("a request denied by policy, which never opened, has its first attempt ruled out", async () => {
  const id = w.newId();
  await record(w.app, submitted(id));
  await record(w.app, evaluated(id, { state: null, outcome: ended("denied") }));
  const rows = await w.app.orm.select().from(executions).where(eq(executions.requestId, id));
  expect(rows).toMatchObject([{ attempt: 1, status: "never" }]);
});

test("a gate that looked again leaves what it found beside what was shown before", async () => {
  const id = await w.pendingRequest();
  const factsDigest = sha256("new facts");
  const refusal = {
    ...{ disposition: "again" as const, code: "EXEC_POLICY_CHANGED", detail: null, reasons: [], roster: [] },
    ...{ evaluation: { ...EVALUATION, engine: "newer" }, factsDigest, voidReviewsBefore: false },
  };
  const cause = { kind: "step" as const, event: { kind: "gateRefused" as const, attempt: 1, refusal } };
  const description = { ...DESCRIPTION, preview: { ...DESCRIPTION.preview, title: "Export 99 rows" } };
  const entry = { at: NOON + 8_000, cause, happened: [] };
  await record(w.app, later(id, 2, pending(id), { entry, description }));
  expect((await gateMaterial(w.executor, id))?.shown).toHaveLength(2);
  const found = await requestById(w.app, id);
  expect(found?.evaluation?.engine).toBe("newer");
  expect(found?.description?.preview.title).toBe("Export 99 rows");
  expect(found?.facts).toEqual({ data: { rows: 12_400 } });
});

async function everythingAbout(id: string) {
  const { orm } = w.app;
  return {
    request: await requestById(w.app, id),
    journal: await orm.select().from(journal).where(eq(journal.requestId, id)).orderBy(journal.seq),
    messages: await orm.select().from(messages).where(eq(messages.requestId, id)).orderBy(messages.seq),
    events: await orm.select().from(auditEvents).where(eq(auditEvents.requestId, id)).orderBy(auditEvents.id),
    executions: await orm.select().from(executions).where(eq(executions.requestId, id)).orderBy(executions.attempt),
  };
}

test("lists still wait for a group whose slot only the place of somebody tied to the request would fill", async () => {
  const id = await w.pendingRequest();
  const said = {
    verb: "approve" as const,
    channel: "page" as const,
    factsDigest: FACTS_DIGEST,
    reason: null,
    note: null,
  };
  const review = { ...said, groups: ["group:security" as const], signedAt: NOON + 2_000 };
  const otto = {
    person: "person:otto" as const,
    name: "Otto",
    groups: ["group:data" as const],
    until: NOON + 9_000_000,
  };
  const reviews = [
    { ...review, messageId: "msg_cas", person: "person:cas" as const, name: "Cas", standsFor: [otto] },
    { ...review, messageId: "msg_dia", person: "person:dia" as const, name: "Dia" },
  ];
  await record(w.app, later(id, 2, pending(id, { reviews })));
  const [row] = await w.app.orm.select().from(requests).where(eq(requests.id, id));
  expect(row).toMatchObject({ approvalsMissing: 2, waitingFor: ["group:data"] });
});
