import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LIMITS } from "../../core/limits.ts";
import { newApiKey } from "../../crypto/api-key.ts";
import { newKeyringFile } from "../../crypto/keyring.ts";
import { createSigner, generateKey } from "../../crypto/signature.ts";
import { createSurfaceTokens } from "../../crypto/surface-token.ts";
import { redact, redactText } from "../../privacy/redact.ts";

/** A secret as people choose them: no white space, no quote. */
const canary = fc.stringMatching(/^[A-Za-z0-9!$%^*()_+=.,-]{12,40}$/).map((text) => `Zq7${text}kX9`);

const secretKeys = fc.constantFrom(
  ...["password", "DB_PASSWORD", "dbPassword", "token", "accessToken", "Authorization", "x-api-key", "api_key"],
  ...[
    "clientSecret",
    "sessionSecret",
    "cookie",
    "Set-Cookie",
    "private_key",
    "passphrase",
    "codecToken",
    "databaseUrl",
  ],
);

/** Each way a secret gets into a record. */
const planted = fc
  .tuple(
    canary,
    secretKeys,
    fc.constantFrom("password", "pwd", "token", "api_key", "client_secret", "access_token", "secret"),
  )
  .chain(([secret, key, word]) =>
    fc.record({
      secret: fc.constant(secret),
      value: fc.constantFrom<unknown>(
        { [key]: secret },
        { [key]: [secret] },
        { [key]: { inner: secret } },
        { headers: { [key]: secret } },
        { rawHeaders: ["Host", "a", "Authorization", secret, "Cookie", secret] },
        { headers: [{ name: key, value: secret }] },
        new Map([[key, secret]]),
        new Error(`connect postgres://app:${secret}@127.0.0.1:5432/app failed`),
        new Error("outer", { cause: new Error(`${word}=${secret}`) }),
        Object.assign(new Error("no"), { [key]: secret }),
        `postgres://app:${secret}@db.internal/app`,
        `redis://:${secret}@cache`,
        `https://${secret.replaceAll(/[^A-Za-z0-9]/g, "")}@code.example/x.git`,
        `${word}=${secret}`,
        `{"${word}": "${secret}"}`,
        JSON.stringify(JSON.stringify({ [word]: secret })),
        `Authorization: Basic ${secret}`,
        `Cookie: a=1; session=${secret}`,
        `GET /?${word}=${secret}&x=1`,
        `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----`,
        `-----BEGIN RSA PRIVATE KEY-----\\n${secret}`,
      ),
    }),
  );

test("a planted secret never comes through, wherever it stands", () => {
  fc.assert(
    fc.property(planted, fc.jsonValue({ maxDepth: 2 }), fc.string(), ({ secret, value }, beside, key) => {
      const record = { msg: "x", beside, list: [beside, value], inner: { [key]: { deeper: value } } };
      const text = JSON.stringify(redact(record));
      expect(text).not.toContain(secret);
      expect(text).not.toContain(secret.replaceAll(/[^A-Za-z0-9]/g, ""));
    }),
    { numRuns: 1_000 },
  );
});

describe("our own secrets never come through", () => {
  test("API keys, whole or cut", () => {
    for (const kind of ["agent-key", "person-token"] as const) {
      const { text } = newApiKey(kind);
      expect(redact(`key ${text}.`)).toBe("key [redacted].");
      expect(redactText(text.slice(0, 20))).not.toContain(text.slice(4, 20));
      expect(redactText(`see${text}`)).not.toContain(text.slice(4, 20));
    }
  });

  test("signatures and private keys", async () => {
    const { privateJwk, publicJwk } = await generateKey("api-1");
    const signed = await createSigner(privateJwk).sign("message", { a: 1 });
    expect(JSON.stringify(redact({ ...signed, text: `was ${signed.jws} here` }))).not.toContain(signed.jws.slice(-40));
    expect(redact(privateJwk)).toEqual({ ...publicJwk, d: "[redacted]", kid: "api-1" });
    expect(redactText(JSON.stringify(privateJwk))).not.toContain(privateJwk.d);
    expect(redactText(JSON.stringify({ file: JSON.stringify(privateJwk) }))).not.toContain(privateJwk.d);
  });

  test("payload keys", () => {
    const file = newKeyringFile("first");
    const key = { id: file.keys[0]?.id, key: "[redacted]", use: "encrypt" };
    expect(redact(file)).toEqual({ familySecret: "[redacted]", keys: [key] });
  });

  test("PEM files", () => {
    const { privateKey } = generateKeyPairSync("ed25519");
    const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    expect(redactText(`before ${pem} after`)).toBe("before [redacted]\n after");
    expect(redactText(JSON.stringify({ pem }))).not.toContain(pem.split("\n")[1]);
  });
});

describe("what lets somebody act in Slack never comes through", () => {
  const tail = "1234567890-abcdefABCDEF0123456789";
  const held = [
    ...[`xoxb-${tail}`, `xoxp-${tail}`, `xoxe.xoxp-1-${tail}`, `xapp-1-A0-${tail}`],
    `https://hooks.slack.com/actions/T0/${tail}/x`,
    `wss://wss-primary.slack.com/link/?ticket=${tail}&app_id=x`,
    ...[`1234567890.1234567890.0123456789abcdef0123456789abcdef`, `trigger_id=13345224609.738474920.${tail}`],
    ...[`{"response_url":"http://127.0.0.1:9/_hooks/${tail}"}`, `{"triggerId":"${tail}"}`],
  ];

  test.each(held)("%s in a text, in a form, in JSON and in JSON inside JSON", (text) => {
    for (const place of [text, `a ${text} b`, JSON.stringify({ text }), JSON.stringify(JSON.stringify({ text }))]) {
      expect(redactText(place)).not.toContain("abcdef");
    }
    expect(JSON.stringify(redact({ inner: [text], text }))).not.toContain("abcdef");
  });

  test("in a field of that name", () => {
    const record = { trigger_id: "1.2.3", responseUrl: "http://127.0.0.1:9/x", response_urls: ["http://h/x"] };
    expect(redact(record)).toEqual({
      trigger_id: "[redacted]",
      responseUrl: "[redacted]",
      response_urls: "[redacted]",
    });
  });

  test("the value of a button", () => {
    const tokens = createSurfaceTokens("a-surface-secret-for-tests-only-0123456789");
    const digest = `sha256:${"0".repeat(64)}` as const;
    const token = { requestId: "req_1", digest, factsDigest: null, surface: "srf_1", verb: "approve" as const };
    const value = tokens.mint({ ...token, expiresAt: 1, shown: digest, opened: null });
    expect(redactText(`value ${value}!`)).toBe("value [redacted]!");
  });

  test("Slack's signature may stay: it is good for one body", () => {
    const record = { "x-slack-signature": "v0=0123456789abcdef" };
    expect(redact(record)).toEqual(record);
  });
});

test("what is no secret stays readable", () => {
  const record = {
    requestId: "req_0123456789abcdefghjkmnpqrs",
    digest: `sha256:${"ab".repeat(32)}`,
    credentialId: "cred_0123456789abcdef",
    sql: "select id, email from customers where id < 10",
    url: "https://127.0.0.1:8420/requests/req_1?tab=facts",
    signingKeyFile: "/keys/api.json",
    tokenCount: 3,
    status: 200,
    ok: true,
    none: null,
    list: [1, "two", { three: 3 }],
  };
  expect(redact(record)).toEqual(record);
});

test("redacting again changes nothing", () => {
  fc.assert(
    fc.property(planted, ({ value }) => {
      const once = redact(value);
      expect(redact(once)).toEqual(once);
    }),
  );
});

test("what is given is not changed", () => {
  const record = { password: "hunter2-hunter2", inner: { list: ["Bearer abcdefgh"] } };
  const copy = structuredClone(record);
  redact(record);
  expect(record).toEqual(copy);
});

test("a key that cannot be turned into text is no reason to lose the record", () => {
  const key = [new Map([["toString", ""]])];
  expect(redact(new Map([[key, "kept"]]))).toEqual({ '[{"toString":""}]': "kept" });
  expect(redact(new Map([[["password"], "hunter2"]]))).toEqual({ '["password"]': "[redacted]" });
});

test("anything at all becomes JSON", () => {
  fc.assert(
    fc.property(
      fc.anything({ withDate: true, withMap: true, withSet: true, withBigInt: true, withTypedArray: true }),
      (value) => {
        const redacted = redact(value);
        expect(JSON.parse(JSON.stringify(redacted))).toEqual(redacted);
      },
    ),
  );
  const circle: Record<string, unknown> = { at: new Date(0), raw: Buffer.from("secret"), fn: () => 1 };
  circle.self = circle;
  Object.defineProperty(circle, "throws", {
    enumerable: true,
    get: () => {
      throw new Error("no");
    },
  });
  expect(redact(circle)).toEqual({
    at: "1970-01-01T00:00:00.000Z",
    raw: "[6 bytes]",
    self: "[circular]",
    throws: "[unreadable]",
  });
});

test("a record without end comes out with an end", () => {
  let deep: unknown = "bottom";
  for (let level = 0; level < 50_000; level++) deep = { deep };
  expect(JSON.stringify(redact(deep)).length).toBeLessThan(LIMITS.redactDepth * 20);
  const wide = redact(Array.from({ length: 100_000 }, (_, index) => index));
  expect((wide as unknown[]).length).toBeLessThanOrEqual(LIMITS.redactNodes + 1);
  expect((wide as unknown[]).at(-1)).toBe("[more]");
});

test("one word that fills the whole room is kept up to the cut, and a text of one word is not kept at all", () => {
  const word = "x".repeat(64 * 1024 - 1);
  // Tried a hundred times, so that work that grows with the square of the text would never end.
  for (let times = 0; times < 100; times += 1) expect(redactText(`${word} half-of-a-word`)).toBe(`${word} [cut]`);
  expect(redactText("x".repeat(64 * 1024 + 1))).toBe("[cut]");
});

test("a long text is cut without leaving half of a secret", () => {
  const password = "correct-horse-battery-staple";
  const before = "x ".repeat((LIMITS.redactTextChars - 34) / 2);
  const redacted = redactText(`${before}postgres://app:${password}@host and more`);
  expect(redacted).not.toContain("correct");
  expect(redacted.endsWith("[cut]")).toBe(true);
});

test("hostile text is redacted without running the pattern again and again over it", () => {
  const size = LIMITS.redactTextChars;
  for (const unit of [
    "a",
    "eyJ",
    "-eyJa",
    "://a:",
    "token",
    "token ",
    "https://",
    "-----BEGIN PRIVATE KEY",
    'password="',
    "\\",
    " ",
    "csk_",
  ]) {
    const text = unit.repeat(Math.floor(size / unit.length));
    expect(redactText(text).length).toBeLessThanOrEqual(size * 12);
  }
});
