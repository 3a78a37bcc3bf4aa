import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadKeyring, newKeyringFile, parseKeyring } from "../../crypto/keyring.ts";

const secret = Buffer.alloc(32, 7).toString("base64");
const base = {
  keys: [
    { id: "2026-11", key: secret, use: "encrypt" },
    { id: "2026-05", key: Buffer.alloc(32, 8).toString("base64"), use: "decryptOnly" },
  ],
};

test("one key encrypts, and every key is found by its id", () => {
  const keyring = parseKeyring(JSON.stringify(base), "keyring.json");
  expect(keyring.encrypt.id).toBe("2026-11");
  expect(keyring.find("2026-05")?.id).toBe("2026-05");
  expect(keyring.find("2025-11")).toBeNull();
  expect(keyring.find("__proto__")).toBeNull();
});

test("a new keyring loads from its file", () => {
  const file = join(mkdtempSync(join(tmpdir(), "keyring-")), "keyring.json");
  writeFileSync(file, JSON.stringify(newKeyringFile("first")));
  expect(loadKeyring(file).encrypt.id).toBe("first");
});

test("two new keyrings never hold the same key", () => {
  expect(newKeyringFile("a").keys[0]?.key).not.toBe(newKeyringFile("a").keys[0]?.key);
});

test.each([
  ["two keys that encrypt", { keys: base.keys.map((key) => ({ ...key, use: "encrypt" })) }],
  ["no key that encrypts", { keys: base.keys.slice(1) }],
  ["no key", { keys: [] }],
  ["one id twice", { keys: [base.keys[0], { ...base.keys[1], id: "2026-11" }] }],
  ["a short key", { keys: [{ ...base.keys[0], key: Buffer.alloc(16).toString("base64") }] }],
  ["a key that is not base64", { keys: [{ ...base.keys[0], key: "!".repeat(44) }] }],
  ["an unknown use", { keys: [{ ...base.keys[0], use: "sign" }] }],
  ["something more", { keys: [{ ...base.keys[0], note: "ours" }] }],
])("a keyring with %s is refused, without showing a key", (_what, keyring) => {
  const parse = () => parseKeyring(JSON.stringify(keyring), "keyring.json");
  expect(parse).toThrow(expect.objectContaining({ code: "CONFIGURATION_INVALID" }));
  expect(parse).not.toThrow(secret);
});

test("a keyring that is no JSON is refused, without showing its text", () => {
  const parse = () => parseKeyring(`{"keys": [${secret}`, "keyring.json");
  expect(parse).toThrow("keyring.json: it is not JSON");
  expect(parse).not.toThrow(secret);
});

test("a missing keyring file is named", () => {
  expect(() => loadKeyring("/nowhere/keyring.json")).toThrow("/nowhere/keyring.json cannot be read");
});
