import { Client } from "@temporalio/client";
import { defaultPayloadConverter, type Payload } from "@temporalio/common";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { EventView } from "../../api/contract/event.ts";
import type { RequestView } from "../../api/contract/request.ts";
import { dataConverterWith } from "../../config/temporal.ts";
import { LIMITS } from "../../core/limits.ts";
import type { HumanMessage } from "../../core/message.ts";
import { loadKeyring, newKeyringFile, parseKeyring } from "../../crypto/keyring.ts";
import { createPayloadCodec } from "../../crypto/payload-codec.ts";
import { MANY_ROWS, ONE_OWNER } from "../support/configuration.ts";
import { messageOf, type Signers, signersOf, unsigned } from "../support/forging.ts";
import { HISTORY_KEYRING } from "../support/histories.ts";
import { type Intruder, intruderIn, NOTHING, traces } from "../support/intruder.ts";
import { type Stack, startStack } from "../support/stack.ts";

/** Somebody who may send workflows signals and updates, and holds none of our keys. */
let stack: Stack;
let intruder: Intruder;
let signers: Signers;

beforeAll(async () => {
  const servers = { postgresUrl: inject("postgresUrl"), temporalAddress: inject("temporalAddress") };
  stack = await startStack({ ...servers, policies: ONE_OWNER });
  [intruder, signers] = await Promise.all([intruderIn(stack), signersOf(stack)]);
});
afterAll(async () => {
  await intruder?.close();
  await stack?.stop();
});

const agent = () => stack.as("agent:reporting-bot");
const handle = (id: string) => intruder.client.workflow.getHandle(id);
const pending = async (): Promise<RequestView> => {
  const asked = await agent().ask(MANY_ROWS);
  expect(asked).toMatchObject({ status: 202 });
  return agent().until(asked.body.id, "pending");
};
const refused = async (id: string): Promise<EventView[]> => {
  const { body } = await stack.as("person:erin").get<{ items: EventView[] }>(`/v1/requests/${id}/events`);
  return body.items.filter(({ type }) => type === "review.refused");
};
const isFence = ({ by }: EventView) => by?.id.startsWith("person:fence-") ?? false;
const refusals = async (id: string): Promise<string[]> =>
  (await refused(id)).filter((event) => !isFence(event)).map(({ reasons }) => reasons[0]?.code ?? "");

let fences = 0;
/** Signals are taken in order: when this one is refused in the record, those before it were taken. */
async function taken(request: RequestView): Promise<void> {
  const fence = `person:fence-${fences++}` as const;
  await handle(request.id).signal("review", unsigned(messageOf(request, fence, "approve")));
  const seen = async () => (await refused(request.id)).some(({ by }) => by?.id === fence);
  await expect.poll(seen, { timeout: 10_000 }).toBe(true);
}

async function stillOpen(request: RequestView): Promise<void> {
  expect(await traces(stack, request.id)).toEqual(NOTHING);
  expect((await stack.as("person:alice").review(request.id, "approve")).status).toBe(200);
  await agent().until(request.id, "succeeded");
  expect((await traces(stack, request.id)).claims).toBe(1);
}

type Forging = (message: HumanMessage, other: RequestView) => unknown;

describe("an answer that nobody we trust has signed does not count, and its refusal is in the record", () => {
  const cases: [string, Forging][] = [
    ["is not signed", unsigned],
    ["was signed by a stranger under our key's name", (said) => signers.stranger.sign("message", said)],
    ["was signed by the key of identifications", (said) => signers.channels.sign("message", said)],
    ["was signed by the operator's key", (said) => signers.operator.sign("message", said)],
    ["was signed for another purpose", (said) => signers.api.sign("submission", said)],
    [
      "was a deny, with the signature kept and the verb turned",
      async (said) => ({ ...(await signers.api.sign("message", { ...said, verb: "deny" })), content: said }),
    ],
    [
      "was somebody else's, with the signature kept and the person swapped",
      async (said) => ({ ...(await signers.api.sign("message", { ...said, principal: "person:bob" })), content: said }),
    ],
    [
      "was for another request, with the signature kept and the id swapped",
      async (said, other) => ({
        ...(await signers.api.sign("message", { ...said, requestId: other.id })),
        content: said,
      }),
    ],
  ];
  let request: RequestView;
  let other: RequestView;
  beforeAll(async () => {
    request = await pending();
    other = await pending();
  });

  test.each(cases)("an approval that %s", async (_what, forge) => {
    const before = (await refusals(request.id)).length;
    await handle(request.id).signal("review", await forge(messageOf(request, "person:alice", "approve"), other));
    await expect
      .poll(async () => (await refusals(request.id)).slice(before), { timeout: 10_000 })
      .toEqual(["REVIEW_SIGNATURE_INVALID"]);
    expect((await agent().get(`/v1/requests/${request.id}`)).body.status).toBe("pending");
    expect(await traces(stack, request.id)).toEqual(NOTHING);
  });

  test("a real approval of one request, sent again to another as it is, is dropped there", async () => {
    const signed = await signers.api.sign("message", messageOf(other, "person:alice", "approve"));
    await handle(request.id).signal("review", signed);
    await expect(handle(request.id).executeUpdate("review", { args: [signed] })).rejects.toThrow();
    await taken(request);
    await stillOpen(request);
  });

  test("one answer sent a hundred times is one answer, and starts one execution", async () => {
    const signed = await signers.api.sign("message", messageOf(other, "person:alice", "approve"));
    await Promise.all(
      Array.from({ length: 100 }, () =>
        handle(other.id)
          .signal("review", signed)
          .catch(() => {}),
      ),
    );
    const done = await agent().until(other.id, "succeeded");
    expect(done.decision?.people).toHaveLength(1);
    expect((await traces(stack, other.id)).claims).toBe(1);
  });
});

test("a release that no auditor signed leaves a held request held, and an approval of it counts for nothing yet", async () => {
  const request = await pending();
  const flag = { reason: "REVIEW_SUSPICIOUS", note: "Odd." };
  await stack.as("person:bob").review(request.id, "flag", flag);
  await agent().until(request.id, "held");
  await stack.as("person:alice").review(request.id, "approve");
  for (const forged of [
    unsigned(messageOf(request, "person:erin", "release")),
    await signers.stranger.sign("message", messageOf(request, "person:erin", "release")),
  ]) {
    await handle(request.id).signal("release", forged);
  }
  await taken(request);
  // A real one of somebody who is no auditor, under every name.
  const real = await signers.api.sign("message", messageOf(request, "person:alice", "release"));
  await handle(request.id).signal("review", real);
  await handle(request.id).signal("release", real);
  await taken(request);
  expect(await refusals(request.id)).toEqual([
    ...["REVIEW_SIGNATURE_INVALID", "REVIEW_SIGNATURE_INVALID", "REVIEW_NOT_ELIGIBLE"],
  ]);
  expect((await agent().get(`/v1/requests/${request.id}`)).body.status).toBe("held");
  expect(await traces(stack, request.id)).toEqual(NOTHING);
});

describe("what is no message is dropped, and stops nothing", () => {
  const told = { id: "msg_1", verb: "approve", principal: "person:alice", requestId: "another" };
  const shapes: [string, unknown[]][] = [
    ["nothing", []],
    ["null", [null]],
    ["a number, a text, a list", [7, "x", []]],
    ["no content", [{ jws: "" }]],
    ["a content of null", [{ content: null, jws: "" }]],
    ["no signature", [{ content: told }]],
    ["another request's", [{ content: told, jws: "" }]],
    ["a verb of Object's", [{ content: { ...told, verb: "constructor" }, jws: "" }]],
    ["a list of an id", [{ content: { ...told, id: ["msg_1"] }, jws: "" }]],
    ["a prototype", [JSON.parse('{"__proto__":{"content":{}},"jws":""}')]],
    ["a great size", ["x".repeat(500_000)]],
  ];
  const bytes = (text: string) => new TextEncoder().encode(text);
  const encrypted = (id: string, data: string) => {
    return { metadata: { encoding: bytes("binary/encrypted"), "encryption-key-id": bytes(id) }, data: bytes(data) };
  };
  const DEEP = `{"content":${"[".repeat(100_000)}${"]".repeat(100_000)}}`;
  const { id: ourKey } = loadKeyring(HISTORY_KEYRING).encrypt;
  const undecodable: [string, Payload[]][] = [
    ["of a key that nobody of ours made", [encrypted("2027-01", "abc")]],
    ["under our key's id, of made-up bytes", [encrypted(ourKey, "x".repeat(200))]],
    ["under our key's id, of no bytes", [encrypted(ourKey, "")]],
    ["in an encoding that nobody has", [{ metadata: { encoding: bytes("application/x-evil") }, data: bytes("abc") }]],
    ["without any encoding", [{ metadata: {}, data: bytes("abc") }]],
    ["of JSON that is none", [{ metadata: { encoding: bytes("json/plain") }, data: bytes("{") }]],
    ["of JSON of a great depth", [{ metadata: { encoding: bytes("json/plain") }, data: bytes(DEEP) }]],
    ["of protobuf that is none", [{ metadata: { encoding: bytes("binary/protobuf") }, data: bytes("abc") }]],
  ];
  let request: RequestView;
  beforeAll(async () => {
    request = await pending();
  });

  test.each(shapes)("a signal of %s", async (_what, args) => {
    for (const name of ["review", "release", "withdraw", "nobodys-name", "__temporal_signal"]) {
      await handle(request.id).signal(name, ...args);
    }
    await taken(request);
    expect((await agent().get(`/v1/requests/${request.id}`)).body.status).toBe("pending");
  });

  test.each(undecodable)("a signal of bytes %s", async (_what, payloads) => {
    await intruder.signalRaw(request.id, "review", payloads);
    await taken(request);
    expect((await agent().get(`/v1/requests/${request.id}`)).body.status).toBe("pending");
  });

  test("a real message encrypted with a keyring of somebody else is nobody's, as a signal and as an update", async () => {
    const keyring = parseKeyring(JSON.stringify(newKeyringFile("theirs")), "theirs.json");
    const { connection } = intruder.client;
    const theirs = new Client({ connection, namespace: stack.namespace, dataConverter: dataConverterWith(keyring) });
    const signed = await signers.api.sign("message", messageOf(request, "person:alice", "approve"));
    await theirs.workflow.getHandle(request.id).signal("review", signed);
    await expect(theirs.workflow.getHandle(request.id).executeUpdate("review", { args: [signed] })).rejects.toThrow();
    await taken(request);
    const copied = await createPayloadCodec(keyring).encode([defaultPayloadConverter.toPayload(signed)]);
    await intruder.signalRaw(request.id, "review", [...copied, ...copied]);
    await taken(request);
  });

  test("after all of it, a worker that starts anew reads the same history, and a real answer counts", async () => {
    await stack.kill("workflows");
    await stack.start("workflows");
    expect(await refusals(request.id)).toEqual([]);
    await stillOpen(request);
    expect(stack.log("workflows")).not.toMatch(/Nondeterminism|DeterminismViolation/i);
  });
});

test("a flood is answered to a bound in the record, and the one real answer in it counts", async () => {
  const request = await pending();
  const flood = (verb: HumanMessage["verb"]) => unsigned(messageOf(request, "person:alice", verb));
  const many = Array.from({ length: 200 }, (_, place) =>
    handle(request.id).signal("review", flood(place % 2 ? "approve" : "deny")),
  );
  const answered = stack.as("person:alice").review(request.id, "approve");
  await Promise.all(many.map((sent) => sent.catch(() => {})));
  expect((await answered).status).toBeLessThan(300);
  await agent().until(request.id, "succeeded");
  expect((await refusals(request.id)).length).toBeLessThanOrEqual(LIMITS.refusalsRecordedPerRequest);
  expect((await traces(stack, request.id)).claims).toBe(1);
});
