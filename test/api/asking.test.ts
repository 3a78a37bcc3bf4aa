import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { freePort } from "../../cli/dev/ports.ts";
import type { Signed, Submission } from "../../core/request.ts";
import { startApi, type TestApi } from "../support/api.ts";
import type { Problem } from "../support/calls.ts";
import { recordNext, recordPending, WITHDRAWN } from "./fixture.ts";

let api: TestApi;
let alone: TestApi;
beforeAll(async () => {
  const postgresUrl = inject("postgresUrl");
  api = await startApi({ postgresUrl, temporalAddress: inject("temporalAddress") });
  alone = await startApi({ postgresUrl, temporalAddress: `127.0.0.1:${await freePort()}` });
});
afterAll(() => Promise.all([api?.stop(), alone?.stop()]));

const STATEMENT = "select 1";
const problemOf = (body: unknown) => body as Problem;

describe("while no worker takes anything up", () => {
  test("the caller is told 202 and the request is there: readable, repeatable, and bound to its arguments", async () => {
    const agent = api.as("agent:reporting-bot");
    const asked = await agent.ask(STATEMENT, { key: "same" });
    expect(asked.status).toBe(202);
    expect(asked.headers.get("retry-after")).not.toBeNull();
    expect(asked.headers.get("location")).toBe(`/v1/requests/${asked.body.id}`);
    expect(asked.body).toMatchObject({
      status: "evaluating",
      target: "crm",
      environment: "production",
      decision: null,
    });

    const read = await agent.get(`/v1/requests/${asked.body.id}`);
    expect(read.body).toEqual(asked.body);
    expect((await api.as("person:dana").get(asked.body.statusUrl.slice(api.url.length))).status).toBe(200);
    expect((await api.as("agent:other-bot").get(`/v1/requests/${asked.body.id}`)).status).toBe(404);

    const [again, other] = await Promise.all([
      agent.ask(STATEMENT, { key: "same" }),
      agent.ask("select 2", { key: "same" }),
    ]);
    expect(again.body.id).toBe(asked.body.id);
    expect({ status: other.status, code: problemOf(other.body).code }).toEqual({
      status: 409,
      code: "IDEMPOTENCY_CONFLICT",
    });
  });

  test("what Temporal keeps is signed, encrypted, and says in its list what it is about", async () => {
    const { body } = await api.as("agent:reporting-bot").ask("select 3", { key: "kept" });
    const handle = api.context.temporal.workflow.getHandle(body.id);
    const description = await handle.describe();
    expect(description.taskQueue).toBe("countersign");
    expect(description.typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value])).toEqual(
      expect.arrayContaining([
        ["CountersignStatus", "evaluating"],
        ["ActionType", "postgres.export"],
        ["AgentId", "agent:reporting-bot"],
        ["Target", "crm"],
        ["Environment", "production"],
      ]),
    );
    expect(await description.staticSummary()).toContain("postgres.export on crm");
    expect(await description.staticDetails()).toContain("select 3");
    const { events } = await handle.fetchHistory();
    const input = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0];
    expect(Buffer.from(input?.data ?? []).toString()).not.toContain("select 3");
    const decoded = (await api.context.payloadCodec?.decode(input ? [input] : [])) ?? [];
    const signed = JSON.parse(Buffer.from(decoded[0]?.data ?? []).toString()) as Signed<Submission>;
    expect(signed.content.action.arguments).toMatchObject({ statement: "select 3" });
    await expect(api.context.verifier.verify("submission", signed)).resolves.toMatchObject({
      keyId: expect.any(String),
    });
  });

  test("a workflow that somebody else started under such an id is not a request", async () => {
    const content = { requestId: "req_forged", requester: "agent:reporting-bot" };
    await api.context.temporal.workflow.start("privilegedAction", {
      workflowId: "req_forged",
      taskQueue: "countersign",
      args: [{ content, jws: "e30..AAAA" }],
    });
    expect((await api.as("agent:reporting-bot").get("/v1/requests/req_forged")).status).toBe(404);
  });

  test("an answer that nobody acknowledges in time is told apart from a recorded one: 202, it may still count", async () => {
    const { body } = await api.as("agent:reporting-bot").ask("select 4", { key: "unanswered" });
    await recordPending(api, body.id);
    const sent = await api.as("person:alice").review(body.id, "approve");
    expect(sent.status).toBe(202);
    expect(sent.headers.get("location")).toBe(`/v1/requests/${body.id}`);
    expect(sent.body).toMatchObject({ recorded: null, detail: expect.stringContaining("may still be recorded") });
  });

  test("an answer to a request whose workflow is gone is REVIEW_ALREADY_DECIDED", async () => {
    await recordPending(api, "req_gone");
    const answer = await api.as("person:alice").review("req_gone", "approve");
    expect({ status: answer.status, code: problemOf(answer.body).code }).toEqual({
      status: 409,
      code: "REVIEW_ALREADY_DECIDED",
    });
  });
});

describe("while Temporal is away", () => {
  test("asking is answered 503 with Retry-After, and nothing is stored", async () => {
    const asked = (await alone.as("agent:reporting-bot").ask(STATEMENT)) as {
      status: number;
      headers: Headers;
      body: object;
    };
    expect(asked.status).toBe(503);
    expect(asked.headers.get("retry-after")).toBe("2");
    expect(asked.body).toMatchObject({ code: "TEMPORAL_UNAVAILABLE", retryAfterSeconds: 2 });
    const [row] = await alone.admin.sql`select count(*)::int as n from submissions`;
    expect(row?.n).toBe(0);
  });

  test("an answer is told NOT recorded; reading goes on", async () => {
    await recordPending(alone, "req_away");
    const answer = await alone.as("person:alice").review("req_away", "approve");
    expect(answer.body).toMatchObject({
      code: "TEMPORAL_UNAVAILABLE",
      detail: expect.stringContaining("NOT recorded"),
    });
    expect((await alone.as("person:alice").get("/v1/requests/req_away")).body.status).toBe("pending");
  });

  test("it is alive and not ready, and says what is missing", async () => {
    expect((await alone.call("/healthz")).status).toBe(200);
    const ready = await alone.call("/readyz");
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({
      status: "unavailable",
      checks: { database: { ok: true }, temporal: { ok: false }, configuration: { ok: true } },
    });
    expect((await api.call("/readyz")).status).toBe(200);
  });
});

describe("waiting", () => {
  test("a wait ends when the request does, without asking again", async () => {
    await recordPending(api, "req_wait");
    const waiting = api.as("agent:reporting-bot").get("/v1/requests/req_wait?wait=60");
    await recordNext(api, "req_wait", 2, WITHDRAWN);
    const { status, body, headers } = await waiting;
    expect({ status, ended: body.status }).toEqual({ status: 200, ended: "withdrawn" });
    expect(body.decision).toMatchObject({
      by: "requester",
      people: [{ id: "agent:reporting-bot", name: "Reporting bot" }],
    });
    expect(headers.get("retry-after")).toBeNull();
  });

  test("time that is up is no end: the request as it is, with Retry-After", async () => {
    await recordPending(api, "req_late");
    const { body, headers } = await api.as("agent:reporting-bot").get("/v1/requests/req_late?wait=0.2");
    expect(body.status).toBe("pending");
    expect(headers.get("retry-after")).toBe("5");
  });

  test("a process that stops lets its waiting callers go", async () => {
    const stopping = await startApi({ postgresUrl: inject("postgresUrl"), temporalAddress: inject("temporalAddress") });
    await recordPending(stopping, "req_stop");
    const waiting = stopping.as("agent:reporting-bot").get("/v1/requests/req_stop?wait=60");
    const open = async () => (await stopping.call("/healthz")).ok;
    await expect.poll(open).toBe(true);
    await stopping.as("agent:reporting-bot").get("/v1/requests/req_stop");
    await stopping.stop();
    expect((await waiting).body.status).toBe("pending");
  });
});
