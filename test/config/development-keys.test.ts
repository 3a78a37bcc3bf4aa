import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { generateDevelopmentKeys } from "../../config/development-keys.ts";
import { readSettings } from "../../config/env.ts";
import { testKeys } from "../support/keys.ts";

const fresh = () => join(mkdtempSync(join(tmpdir(), "keys-")), "keys");
const contentOf = (directory: string) =>
  Object.fromEntries(readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), "utf8")]));

test("keys made together sign and verify together, each for its own purpose", async () => {
  const { api, operator, verifier } = await testKeys(fresh());
  for (const purpose of ["submission", "message", "freeze", "resolution"] as const) {
    expect(await verifier.verify(purpose, await api.signer.sign(purpose, 1))).toEqual({ keyId: api.keyId });
    const signed = await operator.signer.sign(purpose, 1);
    await expect(verifier.verify(purpose, signed)).rejects.toMatchObject({ code: "KEY_UNKNOWN" });
  }
  const configuration = await operator.signer.sign("configuration", 1);
  expect(await verifier.verify("configuration", configuration)).toEqual({ keyId: operator.keyId });
  const posing = await api.signer.sign("configuration", 1);
  await expect(verifier.verify("configuration", posing)).rejects.toMatchObject({ code: "KEY_UNKNOWN" });
});

test("nobody else on the machine can read them", async () => {
  const directory = fresh();
  await generateDevelopmentKeys(directory);
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  for (const name of readdirSync(directory)) expect(statSync(join(directory, name)).mode & 0o777, name).toBe(0o600);
});

test("a second start finds the keys of the first", async () => {
  const directory = fresh();
  await generateDevelopmentKeys(directory);
  const before = contentOf(directory);
  await generateDevelopmentKeys(directory);
  expect(contentOf(directory)).toEqual(before);
  expect(Object.keys(before)).toHaveLength(4);
});

test("what an interrupted start did not get to is made by the next", async () => {
  const directory = fresh();
  const files = await generateDevelopmentKeys(directory);
  rmSync(files.trustFile);
  rmSync(files.operatorKeyFile);
  const { operator, verifier } = await testKeys(directory);
  const signed = await operator.signer.sign("configuration", 1);
  expect(await verifier.verify("configuration", signed)).toEqual({ keyId: operator.keyId });
});

test("a key that the trust file does not know is refused, not replaced", async () => {
  const directory = fresh();
  const files = await generateDevelopmentKeys(directory);
  rmSync(files.operatorKeyFile);
  await expect(generateDevelopmentKeys(directory)).rejects.toThrow(/does not know the key development-operator/);
});

test("two starts at once agree on one set of keys", async () => {
  const directory = fresh();
  const [one, other] = await Promise.all([testKeys(directory), testKeys(directory)]);
  expect(one.trust).toEqual(other.trust);
  const signed = await one.operator.signer.sign("configuration", 1);
  expect(await other.verifier.verify("configuration", signed)).toEqual({ keyId: one.operator.keyId });
});

test("the files are what the settings of a process name", async () => {
  const files = await generateDevelopmentKeys(fresh());
  const settings = readSettings("workflows", {
    COUNTERSIGN_MODE: "development",
    COUNTERSIGN_DATABASE_URL: "postgres://app@127.0.0.1/app",
    COUNTERSIGN_TRUST_FILE: files.trustFile,
    COUNTERSIGN_PAYLOAD_KEYRING_FILE: files.payloadKeyringFile,
  });
  expect(settings.trustFile).toBe(files.trustFile);
});
