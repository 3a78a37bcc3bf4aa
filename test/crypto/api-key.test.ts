import fc from "fast-check";
import { expect, test } from "vitest";
import { constantTimeEqual, newApiKey, parseApiKey } from "../../crypto/api-key.ts";
import { sha256 } from "../../crypto/digest.ts";

test("a new key parses to the id and hash that are stored", () => {
  for (const kind of ["agent-key", "person-token"] as const) {
    const key = newApiKey(kind);
    expect(key.text).toMatch(kind === "agent-key" ? /^csk_/ : /^csp_/);
    expect(key.hash).toBe(sha256(key.text));
    expect(parseApiKey(key.text)).toEqual({ kind, id: key.id, hash: key.hash });
  }
});

test("what is stored and shown does not contain the secret", () => {
  const key = newApiKey("agent-key");
  expect(key.text.length - key.id.length).toBeGreaterThan(50);
  expect(key.hash).not.toContain(key.text.slice(24));
});

test("two keys are never alike", () => {
  const keys = Array.from({ length: 200 }, () => newApiKey("agent-key"));
  expect(new Set(keys.map((key) => key.id)).size).toBe(keys.length);
  expect(new Set(keys.map((key) => key.text)).size).toBe(keys.length);
});

test("a key with any character changed is refused before anybody asks the database", () => {
  const { text } = newApiKey("agent-key");
  fc.assert(
    fc.property(
      fc.nat(text.length - 1),
      fc.constantFrom(..."0123456789abcdefghijklmnopqrstuvwxyz_ "),
      (place, other) => {
        fc.pre(text[place] !== other);
        const changed = text.slice(0, place) + other + text.slice(place + 1);
        expect(() => parseApiKey(changed)).toThrow(expect.objectContaining({ code: "UNAUTHENTICATED" }));
      },
    ),
    { numRuns: 500 },
  );
});

test("a key that is cut, empty or longer is refused, and not repeated in the refusal", () => {
  const { text } = newApiKey("agent-key");
  for (const wrong of ["", "csk_", text.slice(0, -1), `${text}0`, ` ${text}`, `${text}\n`, text.toUpperCase()]) {
    expect(() => parseApiKey(wrong)).toThrow(expect.objectContaining({ code: "UNAUTHENTICATED" }));
  }
  expect(() => parseApiKey(text.slice(0, -1))).not.toThrow(text.slice(0, 30));
});

test("an agent's key does not pass for a person's token", () => {
  const { text } = newApiKey("agent-key");
  expect(() => parseApiKey(text.replace("csk_", "csp_"))).toThrow(expect.objectContaining({ code: "UNAUTHENTICATED" }));
});

test("the comparison says equal for equal texts and for no others", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (one, other) => {
      expect(constantTimeEqual(one, one)).toBe(true);
      expect(constantTimeEqual(one, other)).toBe(one === other);
    }),
  );
});
