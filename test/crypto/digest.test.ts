import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Action } from "../../core/request.ts";
import { actionDigest, base32, digestOf, requestIdOf, sha256 } from "../../crypto/digest.ts";

const action: Action = { type: "postgres.export", target: "crm", arguments: { sql: "select 1", maxRows: 10 } };

test("a digest is sha256: and the hash anybody else computes", () => {
  expect(sha256("abc")).toBe("sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  expect(sha256(new TextEncoder().encode("abc"))).toBe(sha256("abc"));
  expect(digestOf({ b: 1, a: "é" })).toBe(`sha256:${createHash("sha256").update('{"a":"é","b":1}').digest("hex")}`);
});

test("the digest of an action covers its type, target and arguments", () => {
  const digest = actionDigest(action);
  expect(actionDigest({ arguments: { maxRows: 10, sql: "select 1" }, target: "crm", type: "postgres.export" })).toBe(
    digest,
  );
  expect(actionDigest({ ...action, type: "postgres.copy" })).not.toBe(digest);
  expect(actionDigest({ ...action, target: "billing" })).not.toBe(digest);
  expect(actionDigest({ ...action, arguments: { ...action.arguments, maxRows: 11 } })).not.toBe(digest);
});

test("what stands beside an action is not part of its digest", () => {
  const submission = { ...action, justification: "quarterly report", run: "run-7" };
  expect(actionDigest(submission)).toBe(actionDigest(action));
});

test("any change of the arguments changes the digest", () => {
  const args = fc.dictionary(fc.string(), fc.jsonValue());
  fc.assert(
    fc.property(args, fc.string(), (values, key) => {
      const changed = { ...values, [key]: ["changed", ...(Object.hasOwn(values, key) ? [values[key]] : [])] };
      expect(digestOf(changed)).not.toBe(digestOf(values));
    }),
  );
});

test("the same requester and key are the same request, and no other pair is", () => {
  expect(requestIdOf("agent:bot", "k1")).toBe(requestIdOf("agent:bot", "k1"));
  expect(requestIdOf("agent:bot", "k1")).toMatch(/^req_[0-9a-hjkmnp-tv-z]{26}$/);
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), fc.string(), (name, key, otherName, otherKey) => {
      const same = name === otherName && key === otherKey;
      expect(requestIdOf(`agent:${name}`, key) === requestIdOf(`agent:${otherName}`, otherKey)).toBe(same);
    }),
  );
  expect(requestIdOf("agent:a", "b")).not.toBe(requestIdOf("agent:ab", ""));
});

test("base32 keeps every bit", () => {
  expect(base32(new Uint8Array([0xff, 0xff, 0xff, 0xff, 0xff]))).toBe("zzzzzzzz");
  expect(base32(new Uint8Array([0x80]))).toBe("g0");
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      const text = base32(bytes);
      expect(text).toHaveLength(Math.ceil((bytes.length * 8) / 5));
      const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
      const bits = [...text].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, "0")).join("");
      const back = bytes.map((_, index) => Number.parseInt(bits.slice(index * 8, index * 8 + 8), 2));
      expect(back).toEqual(bytes);
    }),
  );
});
