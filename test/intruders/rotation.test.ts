import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client, Connection } from "@temporalio/client";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { checkPayloadKeys } from "../../cli/doctor/payload-keys.ts";
import { createProgram } from "../../cli/main.ts";
import { encryptedPayloads } from "../../client/temporal.ts";
import type { KeyringFile } from "../../crypto/keyring.ts";
import { createSigner } from "../../crypto/signature.ts";
import { loadSigningKey, loadTrust } from "../../crypto/trust-file.ts";
import { MANY_ROWS, reviewPolicy } from "../support/configuration.ts";
import { messageOf } from "../support/forging.ts";
import { NOTHING, traces } from "../support/intruder.ts";
import { type Role, type Stack, startStack } from "../support/stack.ts";

/** Keys change while requests are open, in the files and in the order that docs/KEYS.md says. */
const TWO = reviewPolicy("approvals: [{ from: group:data-owners, count: 2 }]\ntimeout: 10m");
let stack: Stack;

beforeAll(async () => {
  const servers = { postgresUrl: inject("postgresUrl"), temporalAddress: inject("temporalAddress") };
  stack = await startStack({ ...servers, policies: TWO });
});
afterAll(() => stack?.stop());

const agent = () => stack.as("agent:reporting-bot");
const pending = async (): Promise<string> => {
  const asked = await agent().ask(MANY_ROWS);
  expect(asked).toMatchObject({ status: 202 });
  return (await agent().until(asked.body.id, "pending")).id;
};
async function startAgain(...roles: Role[]): Promise<void> {
  await Promise.all(roles.map((role) => stack.kill(role)));
  await Promise.all(roles.map((role) => stack.start(role)));
}
async function countersign(...words: string[]): Promise<void> {
  const program = await createProgram("keys");
  await program.parseAsync(["node", "countersign", "keys", ...words]);
}
const keyring = () => JSON.parse(readFileSync(stack.keys.payloadKeyringFile, "utf8")) as KeyringFile;

test("the signing key rotates under an open request: the answer before it and the answer after it both count", async () => {
  const id = await pending();
  await stack.as("person:alice").review(id, "approve");
  const next = join(stack.directory, "api-next.json");
  await countersign("signing", next, "--id", "api-next", "--for", "api", "--trust", stack.keys.trustFile);
  await startAgain("workflows", "executor");
  copyFileSync(next, stack.keys.apiSigningKeyFile);
  await startAgain("api");
  expect((await stack.as("person:bob").review(id, "approve")).status).toBe(200);
  const done = await agent().until(id, "succeeded");
  expect(done.decision?.people).toHaveLength(2);
});

test("the payload key rotates under an open request, whose history is read from its start with both keys", async () => {
  const id = await pending();
  const before = keyring().keys.find(({ use }) => use === "encrypt")?.id;
  await countersign("payload", stack.keys.payloadKeyringFile, "--add", "next");
  const added = keyring().keys.at(-1)?.id ?? "";
  // Out of order: the API encrypts with a key that the worker has not read yet. An answer waits, and is not dropped.
  await countersign("payload", stack.keys.payloadKeyringFile, "--encrypt-with", added);
  await startAgain("api", "executor");
  const answer = stack.as("person:alice").review(id, "approve");
  await expect.poll(() => stack.log("workflows"), { timeout: 15_000 }).toContain(added);
  expect(stack.log("workflows")).toContain("PAYLOAD_KEY_MISSING");
  await startAgain("workflows");
  await answer;
  await expect
    .poll(async () => (await agent().get(`/v1/requests/${id}`)).body.requirement?.slots[0]?.missing, {
      timeout: 30_000,
    })
    .toBe(1);
  expect((await stack.as("person:bob").review(id, "approve")).status).toBeLessThan(300);
  await agent().until(id, "succeeded");
  expect((await traces(stack, id)).claims).toBe(1);
  expect(before).not.toBe(added);
  expect(stack.log("workflows")).not.toMatch(/DeterminismViolation|Nondeterminism/);
});

test("a lost payload key is named by log and doctor, decides nothing, and when it is back the request goes on", async () => {
  const id = await pending();
  const whole = keyring();
  const { id: lost } = whole.keys.find(({ use }) => use === "encrypt") ?? { id: "" };
  const without = {
    ...whole,
    keys: whole.keys
      .filter(({ id }) => id !== lost)
      .map((key, place) => ({ ...key, use: place === 0 ? "encrypt" : "decryptOnly" })),
  };
  writeFileSync(stack.keys.payloadKeyringFile, JSON.stringify(without));
  await startAgain("workflows");
  const from = stack.log("workflows").length;
  const answer = stack.as("person:alice").review(id, "approve");
  await expect
    .poll(() => stack.log("workflows").slice(from - 2_000), { timeout: 20_000 })
    .toMatch(new RegExp(`PAYLOAD_KEY_MISSING.*${lost}`));
  await answer;
  const bob = () => stack.as("person:bob").review(id, "approve");
  // Temporal takes no update for a workflow whose task fails again and again: that is told, and is no fault of ours.
  await expect.poll(bob, { timeout: 30_000, interval: 1_000 }).toMatchObject({
    status: 503,
    body: { code: "TEMPORAL_UNAVAILABLE", detail: expect.stringMatching(/NOT recorded/) },
  });
  const { temporalAddress: address, namespace } = stack;
  const surroundings = { temporal: { address, namespace }, payloadKeyringFile: stack.keys.payloadKeyringFile };
  expect(await checkPayloadKeys(surroundings)).toContainEqual(
    expect.objectContaining({ result: "wrong", detail: expect.stringContaining(lost) }),
  );
  expect((await agent().get(`/v1/requests/${id}`)).body.status).toBe("pending");
  expect(await traces(stack, id)).toEqual(NOTHING);

  writeFileSync(stack.keys.payloadKeyringFile, JSON.stringify(whole));
  await startAgain("workflows");
  expect((await checkPayloadKeys(surroundings)).filter(({ result }) => result === "wrong")).toEqual([]);
  // The next try of the task comes when Temporal says so; until then an answer is told to come again.
  await expect.poll(async () => (await bob()).status, { timeout: 40_000, interval: 1_000 }).toBeLessThan(300);
  await stack.as("person:alice").review(id, "approve");
  await expect
    .poll(async () => (await agent().get(`/v1/requests/${id}`)).body.status, { timeout: 40_000 })
    .toBe("succeeded");
});

test("a revoked key's answers that have not run are void, and nothing it signs counts any more", async () => {
  const request = (await agent().get(`/v1/requests/${await pending()}`)).body;
  const { id } = request;
  const stolen = join(stack.directory, "api-stolen.json");
  await countersign("signing", stolen, "--id", "api-stolen", "--for", "api", "--trust", stack.keys.trustFile);
  await startAgain("workflows", "executor");
  const dataConverter = encryptedPayloads(stack.keys.payloadKeyringFile);
  const connection = await Connection.connect({ address: stack.temporalAddress });
  const client = new Client({ connection, namespace: stack.namespace, dataConverter });
  const handle = client.workflow.getHandle(id);
  const signer = createSigner(loadSigningKey(stolen));
  await handle.signal("review", await signer.sign("message", messageOf(request, "person:bob", "approve")));
  await expect
    .poll(async () => (await agent().get(`/v1/requests/${id}`)).body.requirement?.slots[0]?.missing, {
      timeout: 15_000,
    })
    .toBe(1);

  await stack.kill("executor");
  await countersign("revoke", "api-stolen", "--trust", stack.keys.trustFile);
  expect(loadTrust(stack.keys.trustFile).keys.at(-1)).toMatchObject({ id: "api-stolen", revoked: true });
  expect((await stack.as("person:alice").review(id, "approve")).status).toBeLessThan(300);
  await startAgain("workflows");
  await stack.start("executor");
  const ended = await agent().until(id, "denied", "succeeded");
  expect(ended).toMatchObject({ status: "denied", decision: { by: "gate" } });
  expect(ended.decision?.reasons.map(({ code }) => code)).toContain("EXEC_NOT_APPROVED");
  expect(await traces(stack, id)).toEqual(NOTHING);

  const next = (await agent().get(`/v1/requests/${await pending()}`)).body;
  await client.workflow
    .getHandle(next.id)
    .signal("review", await signer.sign("message", messageOf(next, "person:bob", "approve")));
  const codes = async () => {
    const { body } = await stack
      .as("person:erin")
      .get<{ items: { type: string; reasons: { code: string }[] }[] }>(`/v1/requests/${next.id}/events`);
    return body.items.filter(({ type }) => type === "review.refused").map(({ reasons }) => reasons[0]?.code);
  };
  await expect.poll(codes, { timeout: 15_000 }).toEqual(["REVIEW_SIGNATURE_INVALID"]);
  expect((await agent().get(`/v1/requests/${next.id}`)).body.status).toBe("pending");
  await connection.close();
});
