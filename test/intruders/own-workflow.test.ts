import { randomUUID } from "node:crypto";
import { msToTs } from "@temporalio/common/lib/time.js";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { RequestView } from "../../api/contract/request.ts";
import { CHANNELS_QUEUE, TASK_QUEUE } from "../../workflows/messages.ts";
import { MANY_ROWS, reviewPolicy } from "../support/configuration.ts";
import { submissionOf, unsigned } from "../support/forging.ts";
import {
  EXECUTOR_QUEUE,
  type Intruder,
  intruderIn,
  NOTHING,
  plain,
  traces,
  withDatabase,
} from "../support/intruder.ts";
import { type Stack, startStack } from "../support/stack.ts";

/** Somebody with workflows and workers of their own in our namespace, who schedules our activities. */
const needing = (approvals: number, timeout = "10m") =>
  reviewPolicy(`approvals: [{ from: group:data-owners, count: ${approvals} }]\ntimeout: ${timeout}`);
let stack: Stack;
let intruder: Intruder;

beforeAll(async () => {
  const servers = { postgresUrl: inject("postgresUrl"), temporalAddress: inject("temporalAddress") };
  stack = await startStack({ ...servers, policies: needing(2) });
  intruder = await intruderIn(stack);
});
afterAll(async () => {
  await intruder?.close();
  await stack?.stop();
});

const agent = () => stack.as("agent:reporting-bot");
const alice = () => stack.as("person:alice");
const bob = () => stack.as("person:bob");
const statusOf = async (id: string) => (await agent().get(`/v1/requests/${id}`)).body.status;
const pending = async (): Promise<RequestView> => {
  const asked = await agent().ask(MANY_ROWS);
  expect(asked).toMatchObject({ status: 202 });
  return agent().until(asked.body.id, "pending");
};
const refusalOf = (scheduled: unknown) =>
  (scheduled as { result?: { refusal?: { code: string } } } | null)?.result?.refusal?.code;

/** Ways in which a request must not start, each with the approvals it was given before. */
const STATES: [string, string, (request: RequestView) => Promise<unknown>][] = [
  ["pending, without an answer", "EXEC_NOT_APPROVED", async () => {}],
  ["pending, with one approval of two", "EXEC_NOT_APPROVED", ({ id }) => alice().review(id, "approve")],
  [
    "held, with enough approvals",
    "EXEC_NOT_APPROVED",
    async ({ id }) => {
      await bob().review(id, "flag", { reason: "REVIEW_SUSPICIOUS", note: "Odd." });
      await agent().until(id, "held");
      await alice().review(id, "approve");
      await bob().review(id, "approve");
      expect(await statusOf(id)).toBe("held");
    },
  ],
  [
    "denied, with an approval",
    "EXEC_NEVER",
    async ({ id }) => {
      await alice().review(id, "approve");
      await bob().review(id, "deny", { reason: "REVIEW_UNSAFE" });
      await agent().until(id, "denied");
    },
  ],
  [
    "withdrawn, with an approval",
    "EXEC_NEVER",
    async ({ id }) => {
      await alice().review(id, "approve");
      await agent().say(id, "withdraw");
      await agent().until(id, "withdrawn");
    },
  ],
];

describe("`execute` carries no arguments, and its gate believes nobody", () => {
  test.each(STATES)("a request that is %s does not run: %s", async (_what, code, given) => {
    const request = await pending();
    await given(request);
    const before = await statusOf(request.id);
    for (const attempt of [1, 2, 7]) {
      const scheduled = await intruder.schedule("execute", { requestId: request.id, attempt });
      expect(["EXEC_NOT_APPROVED", "EXEC_NEVER", "REVIEW_UNSAFE", "REVIEW_WITHDRAWN"]).toContain(refusalOf(scheduled));
      if (attempt === 1) expect(refusalOf(scheduled)).toBe(code);
    }
    expect(await statusOf(request.id)).toBe(before);
    expect(await traces(stack, request.id)).toEqual(NOTHING);
  });

  test("a request that expired with an approval does not run", async () => {
    await stack.apply(needing(2, "3s"));
    const request = await pending();
    await stack.apply(needing(2));
    await alice().review(request.id, "approve");
    await agent().until(request.id, "expired");
    expect(refusalOf(await intruder.schedule("execute", { requestId: request.id, attempt: 1 }))).toBe("EXEC_NEVER");
    expect(await traces(stack, request.id)).toEqual(NOTHING);
  });

  test("one that has run is not run again, whatever the attempt is called", async () => {
    const request = await pending();
    await alice().review(request.id, "approve");
    await bob().review(request.id, "approve");
    await agent().until(request.id, "succeeded");
    const before = await traces(stack, request.id);
    expect(before.claims).toBe(1);
    for (const attempt of [0, 1, 2, 99]) {
      const scheduled = await intruder.schedule("execute", { requestId: request.id, attempt });
      expect(scheduled).toMatchObject({ result: { kind: "ended", report: { status: "succeeded" } } });
    }
    expect(await traces(stack, request.id)).toEqual(before);
  });

  test("a request that nobody recorded does not run", async () => {
    const id = `req_${randomUUID()}`;
    expect(refusalOf(await intruder.schedule("execute", { requestId: id, attempt: 1 }))).toBe("EXEC_INTEGRITY");
    expect(await traces(stack, id)).toEqual(NOTHING);
  });

  test.each<[string, unknown]>([
    ["an action smuggled in", { requestId: "req_x", attempt: 1, submission: unsigned(submissionOf("smuggled")) }],
    ["null", null],
    ["a list of ids", { requestId: ["req_x"], attempt: 1 }],
    ["SQL", { requestId: "x' or '1'='1", attempt: 1 }],
    ["an attempt that is no number", { requestId: "req_x", attempt: "1; drop table executions" }],
  ])("an input of %s leads nowhere", async (_what, input) => {
    const scheduled = await intruder.schedule("execute", input);
    expect(scheduled).not.toMatchObject({ result: { kind: "ended" } });
    const claims = await withDatabase(
      stack,
      ({ sql }) =>
        sql`select 1 from executions where request_id like '%x%' and status = 'claimed' and request_id not like 'req\\_%'`,
    );
    expect(claims).toHaveLength(0);
  });

  test("as a standalone activity it meets the same gate", async () => {
    const request = await pending();
    await alice().review(request.id, "approve");
    const { workflowService: service } = intruder.client.connection;
    const activityId = `standalone-${request.id}`;
    const started = await service
      .startActivityExecution({
        ...{ namespace: stack.namespace, activityId, requestId: activityId, activityType: { name: "execute" } },
        ...{
          taskQueue: { name: EXECUTOR_QUEUE },
          scheduleToCloseTimeout: msToTs("5s"),
          startToCloseTimeout: msToTs("5s"),
        },
        input: { payloads: [plain({ requestId: request.id, attempt: 1 })] },
      })
      .then(
        () => "started",
        (error: { code: number }) => `refused with ${error.code}`,
      );
    // Where the server offers it (not all do), it is only one more way to the gate.
    expect(["started", "refused with 12", "refused with 3"]).toContain(started);
    if (started === "started") {
      const polled = await service.pollActivityExecution({ namespace: stack.namespace, activityId });
      expect(polled.outcome?.result?.payloads).toHaveLength(1);
    }
    expect(await statusOf(request.id)).toBe("pending");
    expect(await traces(stack, request.id)).toEqual(NOTHING);
  });
});

describe("what only the workflow worker may do runs for nobody else", () => {
  const claimed = { requestId: "req_of_nobody", attempt: 1 };
  test.each<[string, unknown]>([
    [
      "record",
      {
        ...claimed,
        seq: 0,
        entry: { at: 0, cause: { kind: "submitted" }, happened: [] },
        submission: unsigned(submissionOf("x")),
      },
    ],
    ["settle", claimed],
    ["admitMessage", { signed: unsigned({}), requestId: "req_of_nobody" }],
    ["admitSubmission", unsigned(submissionOf("x"))],
  ])("`%s` scheduled on the workflows' queue, the channels' and the executor's", async (activity, input) => {
    const [workflows, channels, executor] = await Promise.all(
      [TASK_QUEUE, CHANNELS_QUEUE, EXECUTOR_QUEUE].map((queue) => intruder.schedule(activity, input, queue)),
    );
    expect([workflows, channels]).toEqual([null, null]);
    expect(executor).toMatchObject({ failure: expect.anything() });
    const rows = await withDatabase(
      stack,
      ({ sql }) => sql`
      select request_id from submissions where request_id like 'req_of_nobody'
      union select request_id from executions where request_id = 'req_of_nobody'`,
    );
    expect(rows).toHaveLength(0);
  });
});

describe("a workflow taken back by Temporal's reset", () => {
  async function resetToOpen(id: string): Promise<void> {
    const { workflowService: service } = intruder.client.connection;
    const { events } = await intruder.client.workflow.getHandle(id).fetchHistory();
    const completed = (events ?? []).filter(({ workflowTaskCompletedEventAttributes: done }) => done);
    const workflowTaskFinishEventId = completed[1]?.eventId;
    expect(workflowTaskFinishEventId).toBeDefined();
    await service.resetWorkflowExecution({
      ...{ namespace: stack.namespace, requestId: randomUUID(), reason: "to undo it" },
      ...{ workflowExecution: { workflowId: id }, workflowTaskFinishEventId: workflowTaskFinishEventId ?? null },
      resetReapplyExcludeTypes: [1, 2],
    });
  }
  const open = async (id: string) => (await intruder.client.workflow.getHandle(id).describe()).status.name;

  test("to before a deny: it stays denied, and what had been approved counts for nothing", async () => {
    const request = await pending();
    await alice().review(request.id, "approve");
    await bob().review(request.id, "deny", { reason: "REVIEW_UNSAFE" });
    await agent().until(request.id, "denied");
    const before = await traces(stack, request.id);
    await resetToOpen(request.id);
    await alice().review(request.id, "approve");
    await bob().review(request.id, "approve");
    expect(await statusOf(request.id)).toBe("denied");
    await expect.poll(() => open(request.id), { timeout: 15_000 }).not.toBe("RUNNING");
    expect(await statusOf(request.id)).toBe("denied");
    expect(await traces(stack, request.id)).toEqual(before);
  });

  test("to before the start: it is started once and has ended once", async () => {
    const request = await pending();
    await alice().review(request.id, "approve");
    await bob().review(request.id, "approve");
    await agent().until(request.id, "succeeded");
    const before = await traces(stack, request.id);
    await resetToOpen(request.id);
    await alice().review(request.id, "approve");
    await expect.poll(() => open(request.id), { timeout: 15_000 }).not.toBe("RUNNING");
    expect(await statusOf(request.id)).toBe("succeeded");
    expect(await traces(stack, request.id)).toEqual(before);
  });
});
