import { defaultPayloadConverter, type Payload } from "@temporalio/common";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { CountersignError } from "../../core/errors.ts";
import { encryptingWith, type KeyringFile, newKeyringFile, parseKeyring, withNewKey } from "../../crypto/keyring.ts";
import { createPayloadCodec } from "../../crypto/payload-codec.ts";
import { createWorkflowCodec, UNREADABLE } from "../../crypto/workflow-codec.ts";

const file = newKeyringFile("one");
const { keyring: both, id: two } = withNewKey(file, "two");
const parse = (keyring: KeyringFile) => parseKeyring(JSON.stringify(keyring), "keyring.json");
const rotated = parse(encryptingWith(both, two));
const text = (value: string) => new TextEncoder().encode(value);

function codecOf(keyring: KeyringFile | null) {
  const missing: string[] = [];
  const told = (error: CountersignError) => void missing.push(error.detail);
  return { missing, codec: createWorkflowCodec(keyring === null ? null : parse(keyring), told) };
}

async function read(payload: Payload, keyring: KeyringFile | null = file): Promise<Payload | undefined> {
  const [decoded] = await codecOf(keyring).codec.decode([payload]);
  return decoded;
}

test("what one of our keys encrypted is read, and so is what was never encrypted", async () => {
  const clear = defaultPayloadConverter.toPayload({ answer: 42 });
  const [encrypted] = await createPayloadCodec(rotated).encode([clear]);
  const { metadata, data } = (await read(encrypted as Payload, both)) as Payload;
  expect(defaultPayloadConverter.fromPayload({ metadata, data } as Payload)).toEqual({ answer: 42 });
  expect(await read(clear)).toBe(clear);
});

test.each<[string, Payload]>([
  [
    "of a key that nobody of ours made",
    { metadata: { encoding: text("binary/encrypted"), "encryption-key-id": text("x") } },
  ],
  ["of no key at all", { metadata: { encoding: text("binary/encrypted") }, data: text("abc") }],
  ["in a form nobody converts", { metadata: { encoding: text("application/x-evil") }, data: text("abc") }],
  ["in no form", { metadata: {}, data: text("abc") }],
  ["that says it is JSON and is not", { metadata: { encoding: text("json/plain") }, data: text("{") }],
  [
    "that says it is protobuf",
    { metadata: { encoding: text("json/protobuf"), messageType: text("x") }, data: text("{}") },
  ],
  ["of JSON without data", { metadata: { encoding: text("json/plain") } }],
])("a payload %s reads as nothing, whatever keys are there", async (_what, payload) => {
  for (const keyring of [file, both, encryptingWith(both, two)]) expect(await read(payload, keyring)).toBe(UNREADABLE);
});

test("what was altered reads as nothing, not as an error that would be tried again for ever", async () => {
  const [encrypted] = await createPayloadCodec(parse(file)).encode([defaultPayloadConverter.toPayload({ rows: 1 })]);
  const data = Buffer.from(encrypted?.data ?? []);
  await fc.assert(
    fc.asyncProperty(fc.nat(data.length - 1), fc.integer({ min: 1, max: 255 }), async (place, mask) => {
      const altered = Buffer.from(data);
      altered[place] = (altered[place] ?? 0) ^ mask;
      expect(await read({ metadata: encrypted?.metadata ?? {}, data: altered })).toBe(UNREADABLE);
    }),
  );
});

test("a key of ours that is missing here is an error that names it, and is told", async () => {
  const [encrypted] = await createPayloadCodec(rotated).encode([defaultPayloadConverter.toPayload("yes")]);
  const { codec, missing } = codecOf(file);
  await expect(codec.decode([encrypted as Payload])).rejects.toMatchObject({ code: "PAYLOAD_KEY_MISSING" });
  expect(missing).toEqual([`The key id is "${two}".`]);
});

test("a keyring that cannot tell whose an id is waits rather than drops", async () => {
  const older: KeyringFile = { keys: [{ id: "old", key: Buffer.alloc(32, 1).toString("base64"), use: "encrypt" }] };
  const made = { metadata: { encoding: text("binary/encrypted"), "encryption-key-id": text("x") } };
  await expect(read(made, older)).rejects.toMatchObject({ code: "PAYLOAD_KEY_MISSING" });
  await expect(read(made, null)).rejects.toMatchObject({ code: "PAYLOAD_KEY_MISSING" });
});

test("junk among real payloads leaves them in their places", async () => {
  const clear = defaultPayloadConverter.toPayload("here");
  const junk: Payload = { metadata: { encoding: text("?") } };
  expect(await codecOf(file).codec.decode([junk, clear, junk])).toEqual([UNREADABLE, clear, UNREADABLE]);
});
