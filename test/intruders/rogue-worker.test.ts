import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { TASK_QUEUE } from "../../workflows/messages.ts";
import { MANY_ROWS, ONE_OWNER } from "../support/configuration.ts";
import { messageOf, submissionOf, unsigned } from "../support/forging.ts";
import {
  CommandType,
  completeCommand,
  EXECUTOR_QUEUE,
  type Intruder,
  intruderIn,
  NOTHING,
  plain,
  scheduleCommand,
  traces,
} from "../support/intruder.ts";
import { type Stack, startStack } from "../support/stack.ts";

/** Somebody who polls `countersign` in the workflow worker's place, with no key and no database. */
let stack: Stack;
let intruder: Intruder;

beforeAll(async () => {
  const servers = { postgresUrl: inject("postgresUrl"), temporalAddress: inject("temporalAddress") };
  stack = await startStack({ ...servers, policies: ONE_OWNER });
  intruder = await intruderIn(stack);
});
afterAll(async () => {
  await intruder?.close();
  await stack?.stop();
});

const agent = () => stack.as("agent:reporting-bot");
const resultOf = (task: Awaited<ReturnType<Intruder["takeWorkflowTask"]>>) => intruder.activityResult(task);

describe("a worker in our worker's place", () => {
  test("starts `execute` for a submission nobody signed: EXEC_INTEGRITY, and no such request is known", async () => {
    await stack.kill("workflows");
    const submission = submissionOf("of-a-rogue-worker");
    const { requestId } = submission;
    await intruder.start(requestId, unsigned(submission));
    const execute = scheduleCommand("execute", { requestId, attempt: 1 }, EXECUTOR_QUEUE);
    await intruder.complete(await intruder.takeWorkflowTask(TASK_QUEUE), [execute]);
    const task = await intruder.takeWorkflowTask(TASK_QUEUE);
    expect(await resultOf(task)).toMatchObject({ result: { kind: "refused", refusal: { code: "EXEC_INTEGRITY" } } });
    await intruder.complete(task, [completeCommand({ outcome: { status: "succeeded" } })]);
    await stack.start("workflows");
    expect((await agent().get(`/v1/requests/${requestId}`)).status).toBe(404);
    expect(await traces(stack, requestId)).toEqual(NOTHING);
  });

  test("takes over a pending request, starts it and ends it as succeeded: nothing runs, and nobody is told so", async () => {
    const asked = await agent().ask(MANY_ROWS);
    const request = await agent().until(asked.body.id, "pending");
    await stack.kill("workflows");
    await intruder.client.workflow
      .getHandle(request.id)
      .signal("review", unsigned(messageOf(request, "person:alice", "approve")));
    const execute = scheduleCommand("execute", { requestId: request.id, attempt: 1 }, EXECUTOR_QUEUE);
    await intruder.complete(await intruder.takeWorkflowTask(TASK_QUEUE), [execute]);
    const task = await intruder.takeWorkflowTask(TASK_QUEUE);
    expect(await resultOf(task)).toMatchObject({ result: { kind: "refused", refusal: { code: "EXEC_NOT_APPROVED" } } });
    const outcome = { status: "succeeded", reasons: [], decidedBy: "people", people: [], report: null };
    await intruder.complete(task, [completeCommand({ requestId: request.id, digest: request.digest, outcome })]);
    await stack.start("workflows");
    expect((await agent().get(`/v1/requests/${request.id}`)).body.status).toBe("pending");
    const late = await stack.as("person:alice").review(request.id, "approve");
    expect(late).toMatchObject({ status: 409, body: { code: "REVIEW_ALREADY_DECIDED" } });
    expect(await traces(stack, request.id)).toEqual(NOTHING);
  });

  test("writes into the history that a submission nobody signed was admitted: our worker goes on, and the executor says no", async () => {
    await stack.kill("workflows");
    const submission = submissionOf("admitted-by-a-rogue");
    const { requestId } = submission;
    await intruder.start(requestId, unsigned(submission));
    const parties = { requester: submission.requester, owner: "person:dana", onBehalfOf: null, excluded: [] };
    const admitted = {
      ...{ ok: true, parties, executorQueue: EXECUTOR_QUEUE, environment: "production" },
      ...{ maxRunSeconds: 60, heartbeatSeconds: 3, names: { requester: "Reporting bot", owner: "Dana Duarte" } },
    };
    await intruder.complete(await intruder.takeWorkflowTask(TASK_QUEUE), [localResult(1, "admitSubmission", admitted)]);
    await stack.start("workflows");
    await intruder.client.workflow.getHandle(requestId).signal("wake");
    const ended = await stack.as("person:erin").until(requestId, "denied");
    expect(ended.decision?.reasons.map(({ code }) => code)).toEqual(["SIGNATURE_INVALID"]);
    expect(await traces(stack, requestId)).toEqual(NOTHING);
  });
});

/** How a worker writes the result of a local activity into a history. */
function localResult(seq: number, activityType: string, result: unknown) {
  const time = { seconds: Math.floor(Date.now() / 1000), nanos: 0 };
  const data = {
    ...{ seq, attempt: 1, activity_id: String(seq), activity_type: activityType, backoff: null },
    ...{ complete_time: time, original_schedule_time: time },
  };
  return {
    commandType: CommandType.COMMAND_TYPE_RECORD_MARKER,
    recordMarkerCommandAttributes: {
      markerName: "core_local_activity",
      details: { data: { payloads: [plain(data)] }, result: { payloads: [plain(result)] } },
    },
  };
}
