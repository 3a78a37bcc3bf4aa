import { createPublicKey, verify as verifyWithNode } from "node:crypto";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { canonicalJson } from "../../crypto/canonical.ts";
import { createSigner, createVerifier, generateKey, type PrivateJwk, verifierWith } from "../../crypto/signature.ts";
import { PURPOSES, type Signer, type TrustedKey, type TrustFile } from "../../crypto/types.ts";

const content = { requestId: "req_1", verb: "approve", signedAt: 1_700_000_000_000 };

let first: { privateJwk: PrivateJwk; trustedKey: TrustedKey };
let second: { privateJwk: PrivateJwk; trustedKey: TrustedKey };
let trust: TrustFile;
let signer: Signer;

beforeAll(async () => {
  first = await generateKey("api-1", ["submission", "message"]);
  second = await generateKey("api-2", ["submission", "message"]);
  trust = { keys: [first.trustedKey, second.trustedKey] };
  signer = createSigner(first.privateJwk);
});

test("what was signed verifies, and says which key signed", async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), async (value) => {
      const signed = await signer.sign("message", value);
      expect(await createVerifier(trust).verify("message", signed)).toEqual({ keyId: "api-1" });
    }),
    { numRuns: 50 },
  );
});

test("content that came back from a store in another order of keys still verifies", async () => {
  const signed = await signer.sign("message", content);
  const stored = { content: Object.fromEntries(Object.entries(content).reverse()), jws: signed.jws };
  expect(await createVerifier(trust).verify("message", stored)).toEqual({ keyId: "api-1" });
});

test("two keys at a time are trusted, so that one can take over from the other", async () => {
  const signed = await createSigner(second.privateJwk).sign("message", content);
  expect(await createVerifier(trust).verify("message", signed)).toEqual({ keyId: "api-2" });
});

test("changing any character of the signature makes it fail", async () => {
  const signed = await signer.sign("message", content);
  const verifier = createVerifier(trust);
  const characters = fc.constantFrom(..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.= ");
  await fc.assert(
    fc.asyncProperty(fc.nat(signed.jws.length - 1), characters, async (place, character) => {
      fc.pre(signed.jws[place] !== character);
      const jws = signed.jws.slice(0, place) + character + signed.jws.slice(place + 1);
      await expect(verifier.verify("message", { content, jws })).rejects.toMatchObject({
        code: expect.stringMatching(/^(SIGNATURE_INVALID|KEY_UNKNOWN)$/),
      });
    }),
    { numRuns: 500 },
  );
});

test("the last character of a signature has one spelling only", async () => {
  const { jws } = await signer.sign("message", content);
  const verifier = createVerifier(trust);
  const others = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"].filter(
    (c) => !jws.endsWith(c),
  );
  for (const character of others) {
    const altered = { content, jws: jws.slice(0, -1) + character };
    await expect(verifier.verify("message", altered)).rejects.toMatchObject({ code: "SIGNATURE_INVALID" });
  }
});

test("changing any byte of the content makes it fail", async () => {
  const verifier = createVerifier(trust);
  await fc.assert(
    fc.asyncProperty(fc.string({ minLength: 1 }), fc.nat(), fc.string(), async (text, place, inserted) => {
      const at = place % text.length;
      const altered = text.slice(0, at) + inserted + text.slice(at + 1);
      fc.pre(altered !== text && !/\p{Surrogate}/u.test(altered));
      const signed = await signer.sign("message", { note: text });
      await expect(verifier.verify("message", { ...signed, content: { note: altered } })).rejects.toMatchObject({
        code: "SIGNATURE_INVALID",
      });
    }),
  );
});

test("a signature for one purpose passes for no other", async () => {
  const everything = await generateKey("all", [...PURPOSES]);
  const verifier = createVerifier({ keys: [everything.trustedKey] });
  for (const made of PURPOSES) {
    const signed = await createSigner(everything.privateJwk).sign(made, content);
    for (const asked of PURPOSES) {
      if (asked === made) expect(await verifier.verify(asked, signed)).toEqual({ keyId: "all" });
      else await expect(verifier.verify(asked, signed)).rejects.toMatchObject({ code: "SIGNATURE_INVALID" });
    }
  }
});

test("a key is believed only for the purposes it is trusted for", async () => {
  const signed = await signer.sign("configuration", content);
  await expect(createVerifier(trust).verify("configuration", signed)).rejects.toMatchObject({ code: "KEY_UNKNOWN" });
});

test("an unknown key, and another key that takes a trusted name, are refused", async () => {
  const stranger = await generateKey("stranger", ["message"]);
  const verifier = createVerifier(trust);
  const unknown = await createSigner(stranger.privateJwk).sign("message", content);
  await expect(verifier.verify("message", unknown)).rejects.toMatchObject({ code: "KEY_UNKNOWN" });
  const posing = await createSigner({ ...stranger.privateJwk, kid: "api-1" }).sign("message", content);
  await expect(verifier.verify("message", posing)).rejects.toMatchObject({ code: "SIGNATURE_INVALID" });
});

test("a revoked key is refused by name", async () => {
  const signed = await signer.sign("message", content);
  const revoked = { keys: [{ ...first.trustedKey, revoked: true }, second.trustedKey] };
  await expect(createVerifier(revoked).verify("message", signed)).rejects.toMatchObject({
    code: "KEY_REVOKED",
    detail: expect.stringContaining("api-1"),
  });
});

test.each([
  ["nothing", undefined],
  ["a number", 7],
  ["an empty text", ""],
  ["a JWS that carries its content", "eyJhbGciOiJFZERTQSJ9.e30.AAAA"],
  ["no signature", "eyJhbGciOiJFZERTQSJ9.."],
  ["a header that is no JSON", `AAAA..${"A".repeat(86)}`],
  ["the algorithm none", `${header({ alg: "none", kid: "api-1", typ: "countersign-message+jws" })}..${"A".repeat(86)}`],
  ["a shared secret", `${header({ alg: "HS256", kid: "api-1", typ: "countersign-message+jws" })}..${"A".repeat(86)}`],
  [
    "a header with more in it",
    `${header({ alg: "EdDSA", kid: "api-1", typ: "countersign-message+jws", jwk: {} })}..${"A".repeat(86)}`,
  ],
])("%s in place of a signature is refused", async (_what, jws) => {
  const verifier = createVerifier(trust);
  await expect(verifier.verify("message", { content, jws: jws as string })).rejects.toMatchObject({
    code: "SIGNATURE_INVALID",
  });
});

test("content that has no canonical form is refused, signed or not", async () => {
  const { jws } = await signer.sign("message", { rows: null });
  await expect(createVerifier(trust).verify("message", { content: { rows: Number.NaN }, jws })).rejects.toMatchObject({
    code: "SIGNATURE_INVALID",
  });
  await expect(signer.sign("message", { rows: Number.NaN })).rejects.toMatchObject({ code: "MALFORMED" });
});

test("an agent's registered key signs submissions and nothing else", async () => {
  const program = await generateKey("bot-1");
  const verifier = verifierWith(trust, [{ id: "bot-1", x: program.publicJwk.x, revoked: false }]);
  const own = createSigner(program.privateJwk);
  expect(await verifier.verify("submission", await own.sign("submission", content))).toEqual({ keyId: "bot-1" });
  for (const purpose of PURPOSES.filter((other) => other !== "submission")) {
    const signed = await own.sign(purpose, content);
    await expect(verifier.verify(purpose, signed)).rejects.toMatchObject({ code: "KEY_UNKNOWN" });
  }
  expect(await verifier.verify("message", await signer.sign("message", content))).toEqual({ keyId: "api-1" });
});

test("a revoked registered key is refused", async () => {
  const program = await generateKey("bot-1");
  const verifier = verifierWith(trust, [{ id: "bot-1", x: program.publicJwk.x, revoked: true }]);
  const signed = await createSigner(program.privateJwk).sign("submission", content);
  await expect(verifier.verify("submission", signed)).rejects.toMatchObject({ code: "KEY_REVOKED" });
});

test("a registered key cannot take the place of a key of the trust file", async () => {
  const program = await generateKey("api-1");
  const verifier = verifierWith(trust, [{ id: "api-1", x: program.publicJwk.x, revoked: false }]);
  const posing = await createSigner(program.privateJwk).sign("submission", content);
  await expect(verifier.verify("submission", posing)).rejects.toMatchObject({ code: "SIGNATURE_INVALID" });
  expect(await verifier.verify("message", await signer.sign("message", content))).toEqual({ keyId: "api-1" });
});

test("a trust file that names one key twice is refused", () => {
  expect(() => createVerifier({ keys: [first.trustedKey, { ...second.trustedKey, id: "api-1" }] })).toThrow(
    expect.objectContaining({ code: "KEY_UNKNOWN" }),
  );
});

test("a signer needs a private key that has a name", () => {
  expect(() => createSigner({ ...first.privateJwk, kid: "" })).toThrow(
    expect.objectContaining({ code: "KEY_UNKNOWN" }),
  );
  expect(() => createSigner({ ...first.privateJwk, d: "" })).toThrow(expect.objectContaining({ code: "KEY_UNKNOWN" }));
});

test("anybody with the public key can check a signature with their own tools", async () => {
  const signed = await signer.sign("message", content);
  const [head, , signature] = signed.jws.split(".");
  const payload = Buffer.from(canonicalJson(content)).toString("base64url");
  const key = createPublicKey({ key: first.trustedKey.publicJwk, format: "jwk" });
  const held = verifyWithNode(null, Buffer.from(`${head}.${payload}`), key, Buffer.from(signature ?? "", "base64url"));
  expect(held).toBe(true);
});

function header(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
