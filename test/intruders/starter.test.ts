import { Client } from "@temporalio/client";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { encryptedPayloads } from "../../client/temporal.ts";
import type { Submission } from "../../core/request.ts";
import { WORKFLOW_TYPE } from "../../workflows/messages.ts";
import { MANY_ROWS, ONE_OWNER } from "../support/configuration.ts";
import { type Signers, signersOf, submissionOf, unsigned } from "../support/forging.ts";
import { HISTORY_KEYRING } from "../support/histories.ts";
import { type Intruder, intruderIn, NOTHING, plain, traces, withDatabase } from "../support/intruder.ts";
import { type Stack, startStack } from "../support/stack.ts";

/** Somebody who may start workflows, and holds none of our keys. */
let stack: Stack;
let intruder: Intruder;
let signers: Signers;
/** Reads results for the test, with our payload keys. */
let reading: Client;

beforeAll(async () => {
  const servers = { postgresUrl: inject("postgresUrl"), temporalAddress: inject("temporalAddress") };
  stack = await startStack({ ...servers, policies: ONE_OWNER });
  [intruder, signers] = await Promise.all([intruderIn(stack), signersOf(stack)]);
  const { connection } = intruder.client;
  reading = new Client({ connection, namespace: stack.namespace, dataConverter: encryptedPayloads(HISTORY_KEYRING) });
});
afterAll(async () => {
  await intruder?.close();
  await stack?.stop();
});

const agent = () => stack.as("agent:reporting-bot");
const ended = (id: string) => reading.workflow.getHandle(id).result();
const recorded = (id: string) =>
  withDatabase(stack, async ({ sql }) => (await sql`select 1 from submissions where request_id = ${id}`).length);

async function leavesNothing(id: string): Promise<void> {
  expect((await agent().get(`/v1/requests/${id}`)).status).toBe(404);
  expect(await recorded(id)).toBe(0);
  expect(await traces(stack, id)).toEqual(NOTHING);
}

type Forging = (submission: Submission) => unknown;

describe("a submission nobody we trust has signed is no request", () => {
  const cases: [string, string, Forging][] = [
    ["that is not signed", "SIGNATURE_INVALID", unsigned],
    ["of a stranger under our key's name", "SIGNATURE_INVALID", (said) => signers.stranger.sign("submission", said)],
    ["signed by the channels' key", "KEY_UNKNOWN", (said) => signers.channels.sign("submission", said)],
    ["signed by the operator's key", "KEY_UNKNOWN", (said) => signers.operator.sign("submission", said)],
    ["signed as a message", "SIGNATURE_INVALID", (said) => signers.api.sign("message", said)],
    [
      "altered after it was signed",
      "SIGNATURE_INVALID",
      async (said) => ({
        ...(await signers.api.sign("submission", { ...said, requester: "agent:other-bot" })),
        content: said,
      }),
    ],
  ];
  test.each(cases)("one %s is refused with %s", async (what, code, forge) => {
    const submission = submissionOf(`refused-${what}`);
    await intruder.start(submission.requestId, await forge(submission));
    expect(await ended(submission.requestId)).toMatchObject({ outcome: { status: "denied", reasons: [{ code }] } });
    await leavesNothing(submission.requestId);
  });
});

describe("what is no submission at all ends the workflow instead of being tried for ever", () => {
  const shapes: [string, unknown[]][] = [
    ["nothing", []],
    ["null", [null]],
    ["a number", [7]],
    ["an object without content", [{ jws: "x" }]],
    ["a content that is only an id", [{ content: { requestId: "req_junk" }, jws: 5 }]],
  ];
  test.each(shapes)("%s", async (what, args) => {
    const id = `req_junk-${what.replaceAll(" ", "-")}`;
    await intruder.start(id, ...args);
    await expect(ended(id)).rejects.toMatchObject({ cause: { type: "SIGNATURE_INVALID" } });
    await leavesNothing(id);
  });

  test("bytes that none of our keys made", async () => {
    const id = "req_junk-bytes";
    const { workflowService: service } = intruder.client.connection;
    const payload = plain({});
    payload.metadata = { encoding: Buffer.from("binary/encrypted"), "encryption-key-id": Buffer.from("made-up") };
    await service.startWorkflowExecution({
      ...{ namespace: stack.namespace, workflowId: id, requestId: id, workflowType: { name: WORKFLOW_TYPE } },
      ...{ taskQueue: { name: "countersign" }, input: { payloads: [payload] } },
    });
    await expect(ended(id)).rejects.toMatchObject({ cause: { type: "SIGNATURE_INVALID" } });
    await leavesNothing(id);
  });
});

describe("somebody else's request", () => {
  test("a real submission of one request does not start another", async () => {
    const submission = submissionOf("of-a");
    const signed = await signers.api.sign("submission", submission);
    const other = submissionOf("of-b").requestId;
    await intruder.start(other, signed);
    await expect(ended(other)).rejects.toMatchObject({ cause: { type: "SIGNATURE_INVALID" } });
    await leavesNothing(other);
  });

  test("an id that is taken cannot be started again beside it", async () => {
    const { body } = await agent().ask(MANY_ROWS);
    await agent().until(body.id, "pending");
    const again = intruder.start(body.id, unsigned(submissionOf("x", { requestId: body.id })));
    await expect(again).rejects.toThrow(/already started/);
    expect((await agent().get(`/v1/requests/${body.id}`)).body.status).toBe("pending");
  });

  test("an id that was taken before its agent asked keeps the agent from asking, and lets nothing run", async () => {
    const key = "wanted-later";
    const { requestId } = submissionOf(key);
    await intruder.start(requestId, unsigned(submissionOf(key)));
    await ended(requestId);
    const asked = await agent().ask(MANY_ROWS, { key });
    expect(asked.status).toBeGreaterThanOrEqual(400);
    await leavesNothing(requestId);
  });
});

describe("a request that has ended, started again from its own first event", () => {
  async function startedAgain(id: string): Promise<void> {
    await ended(id);
    const { events } = await reading.workflow.getHandle(id).fetchHistory();
    const input = events?.[0]?.workflowExecutionStartedEventAttributes?.input;
    expect(input?.payloads).toHaveLength(1);
    await intruder.client.connection.workflowService.startWorkflowExecution({
      ...{
        namespace: stack.namespace,
        workflowId: id,
        requestId: `again-${id}`,
        workflowType: { name: WORKFLOW_TYPE },
      },
      ...{ taskQueue: { name: "countersign" }, input: input ?? null },
    });
  }

  test("denied, it is denied again", async () => {
    const { body } = await agent().ask(MANY_ROWS);
    await agent().until(body.id, "pending");
    await stack.as("person:alice").review(body.id, "deny", { reason: "REVIEW_UNSAFE" });
    await agent().until(body.id, "denied");
    const before = await traces(stack, body.id);
    await startedAgain(body.id);
    await expect
      .poll(() =>
        reading.workflow
          .getHandle(body.id)
          .describe()
          .then(({ status }) => status.name),
      )
      .toBe("RUNNING");
    await stack.as("person:bob").review(body.id, "approve");
    expect((await agent().get(`/v1/requests/${body.id}`)).body.status).toBe("denied");
    expect(await traces(stack, body.id)).toEqual(before);
  });

  test("succeeded, it does not run a second time", async () => {
    const { body } = await agent().ask(MANY_ROWS);
    await agent().until(body.id, "pending");
    await stack.as("person:alice").review(body.id, "approve");
    await agent().until(body.id, "succeeded");
    const before = await traces(stack, body.id);
    expect(before.claims).toBe(1);
    await startedAgain(body.id);
    await stack.as("person:alice").review(body.id, "approve");
    await stack.as("person:bob").review(body.id, "approve");
    expect(await traces(stack, body.id)).toEqual(before);
    expect((await agent().get(`/v1/requests/${body.id}`)).body.status).toBe("succeeded");
  });
});
