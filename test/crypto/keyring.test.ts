import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  encryptingWith,
  type KeyringFile,
  loadKeyring,
  newKeyringFile,
  parseKeyring,
  withNewKey,
} from "../../crypto/keyring.ts";

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
  expect(loadKeyring(file).encrypt.id).toMatch(/^first\./);
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

describe("whose a key id is", () => {
  const ours = newKeyringFile("2026-11");
  const parse = (file: KeyringFile) => parseKeyring(JSON.stringify(file), "keyring.json");
  const { keyring: rotated, id: added } = withNewKey(ours, "2027-05");

  test("a key that was made elsewhere in the family is ours before this process has it", () => {
    expect(parse(ours).find(added)).toBeNull();
    expect(parse(ours).isForeign(added)).toBe(false);
  });

  test.each([
    ["made up", "2027-05"],
    ["empty", ""],
    ["marked by another family", newKeyringFile("2027-05").keys[0]?.id ?? ""],
    ["ours under another label", added.replace("2027-05", "2027-06")],
    ["ours with another mark", added.replace(/.$/, (last) => (last === "0" ? "1" : "0"))],
  ])("an id that is %s is nobody's, now and after every rotation", (_what, id) => {
    expect(parse(ours).isForeign(id)).toBe(true);
    expect(parse(encryptingWith(rotated, added)).isForeign(id)).toBe(true);
  });

  test("without a family it cannot be told, and nothing is taken for nobody's", () => {
    expect(parseKeyring(JSON.stringify(base), "keyring.json").isForeign("made-up")).toBe(false);
  });

  test("one key is added first and encrypts later, and nothing is taken out", () => {
    expect(parse(rotated).encrypt.id).toBe(ours.keys[0]?.id);
    const after = parse(encryptingWith(rotated, added));
    expect(after.encrypt.id).toBe(added);
    expect(after.find(ours.keys[0]?.id ?? "")).not.toBeNull();
  });

  test("an older keyring gets a family with its next key, and keeps its keys", () => {
    const { keyring, id } = withNewKey(base as KeyringFile, "2027-05");
    expect(parse(keyring).find("2026-05")).not.toBeNull();
    expect(parse(keyring).isForeign("made-up")).toBe(true);
    expect(parse(keyring).isForeign(id)).toBe(false);
  });

  test("another key under an id of ours is refused: what others encrypted would look forged", () => {
    const [key] = ours.keys;
    const swapped = { ...ours, keys: [{ ...key, key: secret, use: "encrypt" as const, id: key?.id ?? "" }] };
    expect(() => parse(swapped)).toThrow("belongs to another key, or to a keyring of another family");
    expect(() => parse({ ...rotated, familySecret: secret })).toThrow("of another family");
  });
});
