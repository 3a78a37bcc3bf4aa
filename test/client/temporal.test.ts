import { Client, Connection } from "@temporalio/client";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import {
  ApiError,
  ApprovalDenied,
  createSigner,
  encryptedPayloads,
  type PrivilegedActionOptions,
  startPrivilegedAction,
} from "../../client/temporal.ts";
import { requestIdOf } from "../../crypto/digest.ts";
import { generateKey, type PrivateJwk } from "../../crypto/signature.ts";
import { CONFIGURATION, FEW_ROWS, MANY_ROWS, ONE_OWNER } from "../support/configuration.ts";
import { HISTORY_KEYRING } from "../support/histories.ts";
import { type Stack, startStack } from "../support/stack.ts";

let stack: Stack;
let connection: Connection;
let client: Client;
let registered: PrivateJwk;
let stranger: PrivateJwk;

beforeAll(async () => {
  registered = (await generateKey("reporting-program")).privateJwk;
  stranger = (await generateKey("reporting-program")).privateJwk;
  stack = await startStack({
    postgresUrl: inject("postgresUrl"),
    temporalAddress: inject("temporalAddress"),
    policies: ONE_OWNER,
    configuration: CONFIGURATION.replace(
      "targets: [crm] }",
      `targets: [crm], keys: [{ id: reporting-program, x: "${registered.x}" }] }`,
    ),
  });
  connection = await Connection.connect({ address: stack.temporalAddress });
  const dataConverter = encryptedPayloads(HISTORY_KEYRING);
  client = new Client({ connection, namespace: stack.namespace, dataConverter });
});
afterAll(async () => {
  await connection?.close();
  await stack?.stop();
});

function options(key: string, statement: string): PrivilegedActionOptions<"postgres.export"> {
  return {
    key,
    agent: "agent:reporting-bot",
    signer: createSigner(registered),
    target: "crm",
    arguments: { statement, format: "csv", maxRows: 100_000 },
    justification: "Quarterly report",
  };
}
const start = (key: string, statement: string) =>
  startPrivilegedAction(client, "postgres.export", options(key, statement));

test("a program's request is the one its agent would have made over HTTP: same id, same people, same result", async () => {
  const started = await start("t-1", MANY_ROWS);
  expect(started.requestId).toBe(requestIdOf("agent:reporting-bot", "t-1"));
  expect(started.evaluated).toMatchObject({ outcome: "review", digest: started.digest });
  await stack.as("agent:reporting-bot").until(started.requestId, "pending");
  expect((await stack.as("person:alice").review(started.requestId, "approve")).status).toBe(200);
  const ended = await started.result();
  expect(ended).toMatchObject({ requestId: started.requestId, digest: started.digest });
  expect(ended.result).toMatchObject({ rows: expect.any(Number) });
});

test("the same key attaches to the request that is there, running or ended, and gets its answer", async () => {
  const first = await start("t-2", FEW_ROWS);
  const result = await first.result();
  const again = await start("t-2", FEW_ROWS);
  expect(again).toMatchObject({ requestId: first.requestId, digest: first.digest, evaluated: first.evaluated });
  expect(await again.result()).toEqual(result);
});

test("the same key for another action is a conflict", async () => {
  await start("t-3", FEW_ROWS);
  const error = await start("t-3", MANY_ROWS).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ code: "IDEMPOTENCY_CONFLICT", status: 409 });
});

test("denied is thrown with the reviewer's code and note, like over HTTP", async () => {
  const started = await start("t-4", MANY_ROWS);
  await stack.as("agent:reporting-bot").until(started.requestId, "pending");
  await stack.as("person:alice").review(started.requestId, "deny", { reason: "REVIEW_TOO_BROAD", note: "only Q3" });
  const error = await started.result().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ApprovalDenied);
  expect(error).toMatchObject({ code: "DENIED", reasonCode: "REVIEW_TOO_BROAD", note: "only Q3" });
});

test("a key that is not registered for the agent is refused, and nothing becomes a request", async () => {
  const forged = { ...options("t-5", FEW_ROWS), signer: createSigner(stranger) };
  const error = await startPrivilegedAction(client, "postgres.export", forged).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ApiError);
  const id = requestIdOf("agent:reporting-bot", "t-5");
  expect((await stack.as("agent:reporting-bot").get(`/v1/requests/${id}`)).status).toBe(404);
});

test("a registered key speaks for its own agent only", async () => {
  const borrowed = { ...options("t-6", FEW_ROWS), agent: "agent:other-bot" as const };
  const error = await startPrivilegedAction(client, "postgres.export", borrowed).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ApiError);
});

test("without a worker the request exists all the same, and its evaluation comes later", async () => {
  await stack.kill("workflows");
  try {
    const waiting = await startPrivilegedAction(client, "postgres.export", {
      ...options("t-7", FEW_ROWS),
      evaluatedWithinSeconds: 1,
    });
    expect(waiting.evaluated).toBeNull();
    await stack.start("workflows");
    expect(await waiting.result()).toMatchObject({ digest: waiting.digest });
  } finally {
    await stack.kill("workflows");
    await stack.start("workflows");
  }
});
