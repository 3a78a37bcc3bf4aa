import { createCipheriv } from "node:crypto";
import { defaultPayloadConverter, type Payload } from "@temporalio/common";
import proto from "@temporalio/proto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseKeyring } from "../../crypto/keyring.ts";
import { createPayloadCodec } from "../../crypto/payload-codec.ts";
import { decodePayloadsJson, encodePayloadsJson } from "../../crypto/remote-codec.ts";

const older = { id: "older", key: Buffer.alloc(32, 1).toString("base64") };
const newer = { id: "newer", key: Buffer.alloc(32, 2).toString("base64") };

function codecOf(...keys: { id: string; key: string; use: string }[]) {
  return createPayloadCodec(parseKeyring(JSON.stringify({ keys }), "keyring.json"));
}

const codec = codecOf({ ...newer, use: "encrypt" }, { ...older, use: "decryptOnly" });
const before = codecOf({ ...older, use: "encrypt" });

const payloads = fc.array(
  fc.record({
    metadata: fc.dictionary(fc.stringMatching(/^[a-z-]{1,20}$/), fc.uint8Array({ maxLength: 50 })),
    data: fc.uint8Array({ maxLength: 2_000 }),
  }),
  { maxLength: 20 },
);

test("what is encoded decodes to the same payloads, however many there are", async () => {
  await fc.assert(
    fc.asyncProperty(payloads, async (clear) => {
      const decoded = await codec.decode(await codec.encode(clear));
      expect(decoded.map(plain)).toEqual(clear.map(plain));
    }),
  );
});

test("the clear text is nowhere in what Temporal stores", async () => {
  await fc.assert(
    fc.asyncProperty(fc.stringMatching(/^[ -~]{8,200}$/), async (text) => {
      const [encoded] = await codec.encode([defaultPayloadConverter.toPayload({ text })]);
      expect(Buffer.from(encoded?.data ?? []).includes(text)).toBe(false);
      expect(Object.keys(encoded?.metadata ?? {}).sort()).toEqual(["encoding", "encryption-key-id"]);
    }),
  );
});

test("the same payload is never encrypted to the same bytes", async () => {
  const payload = defaultPayloadConverter.toPayload("same");
  const [one, other] = await codec.encode([payload, payload]);
  expect(Buffer.compare(one?.data ?? Buffer.of(1), other?.data ?? Buffer.of(1))).not.toBe(0);
});

test("a key that took over still reads what the one before encrypted", async () => {
  const encoded = await before.encode([defaultPayloadConverter.toPayload({ old: true })]);
  const [decoded] = await codec.decode(encoded);
  expect(defaultPayloadConverter.fromPayload(decoded as Payload)).toEqual({ old: true });
});

test("a missing key is refused at once, by its id", async () => {
  const encoded = await codec.encode([defaultPayloadConverter.toPayload(1)]);
  await expect(before.decode(encoded)).rejects.toMatchObject({
    code: "PAYLOAD_KEY_MISSING",
    detail: expect.stringContaining("newer"),
  });
});

test("changing any byte of an encrypted payload makes it fail", async () => {
  const [encoded] = await codec.encode([defaultPayloadConverter.toPayload({ rows: 12_400 })]);
  const data = Buffer.from(encoded?.data ?? []);
  await fc.assert(
    fc.asyncProperty(fc.nat(data.length - 1), fc.integer({ min: 1, max: 255 }), async (place, mask) => {
      const altered = Buffer.from(data);
      altered[place] = (altered[place] ?? 0) ^ mask;
      const payload = { metadata: encoded?.metadata ?? {}, data: altered };
      await expect(codec.decode([payload])).rejects.toMatchObject({ code: "SIGNATURE_INVALID" });
    }),
  );
});

test("a payload cut anywhere is refused", async () => {
  const [encoded] = await codec.encode([defaultPayloadConverter.toPayload("x")]);
  const data = Buffer.from(encoded?.data ?? []);
  for (let length = 0; length < data.length; length++) {
    const payload = { metadata: encoded?.metadata ?? {}, data: data.subarray(0, length) };
    await expect(codec.decode([payload])).rejects.toMatchObject({ code: "SIGNATURE_INVALID" });
  }
});

test("a payload under another key's name is refused", async () => {
  const [encoded] = await codec.encode([defaultPayloadConverter.toPayload("x")]);
  const renamed = { ...encoded, metadata: { ...encoded?.metadata, "encryption-key-id": Buffer.from("older") } };
  await expect(codec.decode([renamed as Payload])).rejects.toMatchObject({ code: "SIGNATURE_INVALID" });
});

test("a payload that was never encrypted passes as it is", async () => {
  const clear = defaultPayloadConverter.toPayload({ from: "before encryption was on" });
  expect(await codec.decode([clear])).toEqual([clear]);
});

test("a payload laid out by Temporal's own encryption samples decodes", async () => {
  const message = proto.temporal.api.common.v1.Payload;
  const inner = defaultPayloadConverter.toPayload({ from: "elsewhere" });
  const nonce = Buffer.alloc(12, 9);
  const cipher = createCipheriv("aes-256-gcm", Buffer.from(newer.key, "base64"), nonce);
  const sealed = Buffer.concat([cipher.update(message.encode(inner).finish()), cipher.final()]);
  const [decoded] = await codec.decode([
    {
      metadata: { encoding: Buffer.from("binary/encrypted"), "encryption-key-id": Buffer.from("newer") },
      data: Buffer.concat([nonce, sealed, cipher.getAuthTag()]),
    },
  ]);
  expect(defaultPayloadConverter.fromPayload(decoded as Payload)).toEqual({ from: "elsewhere" });
});

test("the codec endpoint decodes what Temporal's pages send, and encodes it again", async () => {
  const clear = { payloads: [{ metadata: { encoding: base64("json/plain") }, data: base64('{"rows":1}') }] };
  const encoded = await encodePayloadsJson(codec, clear);
  expect(encoded.payloads[0]?.metadata.encoding).toBe(base64("binary/encrypted"));
  expect(encoded.payloads[0]?.metadata["encryption-key-id"]).toBe(base64("newer"));
  expect(await decodePayloadsJson(codec, encoded)).toEqual(clear);
  expect(await decodePayloadsJson(codec, {})).toEqual({ payloads: [] });
  expect(await decodePayloadsJson(codec, { payloads: [{}] })).toEqual({ payloads: [{ metadata: {}, data: "" }] });
});

test.each([
  ["no object", "payloads"],
  ["payloads that are no list", { payloads: {} }],
  ["data that is not base64", { payloads: [{ data: "<script>" }] }],
  ["metadata that is not base64", { payloads: [{ metadata: { encoding: "a b" } }] }],
])("the codec endpoint refuses %s", async (_what, body) => {
  await expect(decodePayloadsJson(codec, body)).rejects.toMatchObject({ code: "MALFORMED" });
});

function plain(payload: Payload) {
  const entries = Object.entries(payload.metadata ?? {}).map(([key, value]) => [
    key,
    Buffer.from(value).toString("hex"),
  ]);
  return { metadata: Object.fromEntries(entries), data: Buffer.from(payload.data ?? []).toString("hex") };
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
