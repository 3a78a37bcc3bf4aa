import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { generateKey } from "../../crypto/signature.ts";
import { loadSigningKey, loadTrust } from "../../crypto/trust-file.ts";

const directory = mkdtempSync(join(tmpdir(), "trust-"));
let key: Awaited<ReturnType<typeof generateKey>>;

beforeAll(async () => {
  key = await generateKey("api-1", ["message"]);
});

function file(content: unknown): string {
  const name = join(directory, "keys.json");
  writeFileSync(name, typeof content === "string" ? content : JSON.stringify(content));
  return name;
}

test("a trust file and a signing key load as they were written", () => {
  expect(loadTrust(file({ keys: [key.trustedKey] }))).toEqual({ keys: [key.trustedKey] });
  expect(loadSigningKey(file(key.privateJwk))).toEqual(key.privateJwk);
});

test("a private key in a trust file is refused, and not repeated", () => {
  const load = () => loadTrust(file({ keys: [{ ...key.trustedKey, publicJwk: { ...key.privateJwk } }] }));
  expect(load).toThrow(expect.objectContaining({ code: "CONFIGURATION_INVALID" }));
  expect(load).not.toThrow(key.privateJwk.d);
});

test.each([
  ["no key", { keys: [] }],
  ["an unknown purpose", { keys: [{ purposes: ["everything"] }] }],
  ["no JSON", "keys:"],
])("a trust file with %s is refused by name", (_what, content) => {
  expect(() => loadTrust(file(content))).toThrow(/keys\.json/);
});

test("a trust file with one key twice is refused", () => {
  expect(() => loadTrust(file({ keys: [key.trustedKey, key.trustedKey] }))).toThrow("has the key api-1 twice");
});

test("a signing key without its private half or its name is refused, and not repeated", () => {
  expect(() => loadSigningKey(file(key.publicJwk))).toThrow(/\/d.*\/kid/);
  const load = () => loadSigningKey(file(JSON.stringify(key.privateJwk).slice(0, -1)));
  expect(load).toThrow("is not JSON");
  expect(load).not.toThrow(key.privateJwk.d);
});

test("a missing file is named", () => {
  expect(() => loadTrust("/nowhere/trust.json")).toThrow("/nowhere/trust.json cannot be read");
});
