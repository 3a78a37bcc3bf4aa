import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { Surroundings } from "../../cli/doctor/check.ts";
import { checkKeys } from "../../cli/doctor/keys.ts";
import type { TrustFile } from "../../crypto/types.ts";
import { testKeys } from "../support/keys.ts";

const keys = await testKeys();
const directory = mkdtempSync(join(tmpdir(), "countersign-doctor-keys-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function lookAt(trust: TrustFile) {
  const trustFile = join(directory, "trust.json");
  writeFileSync(trustFile, JSON.stringify(trust));
  const nothing = { apiUrl: null, databaseUrl: null, temporal: null, payloadKeyringFile: null, now: Date.now };
  const surroundings: Surroundings = { ...nothing, trustFile, signingKeyFiles: [keys.files.channelsSigningKeyFile] };
  return checkKeys(surroundings);
}

test("keys that are whole are healthy, that of channels too", () => {
  expect(lookAt(keys.trust).filter(({ result }) => result === "wrong")).toEqual([]);
});

test("a key that could both say something and say whose it is would be one process too powerful, and is told", () => {
  const both = keys.trust.keys.map((key) =>
    key.id === keys.api.keyId ? { ...key, purposes: [...key.purposes, "identification" as const] } : key,
  );
  expect(lookAt({ keys: both })).toContainEqual(
    expect.objectContaining({
      check: "trust file",
      result: "wrong",
      fix: expect.stringContaining("identification only"),
    }),
  );
  const revoked = both.map((key) => (key.id === keys.api.keyId ? { ...key, revoked: true } : key));
  expect(JSON.stringify(lookAt({ keys: revoked }))).not.toContain("identification only");
});

test("a purpose that no key is trusted for is named", () => {
  const without = keys.trust.keys.filter(({ id }) => id !== keys.channels.keyId);
  expect(lookAt({ keys: without })).toContainEqual(
    expect.objectContaining({ check: "trust file", detail: "no key is trusted for: identification" }),
  );
});
