import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { API_PURPOSES, generateDevelopmentKeys } from "../../config/development-keys.ts";
import { readSettings } from "../../config/env.ts";
import { PURPOSES, type TrustFile } from "../../crypto/types.ts";
import { testKeys } from "../support/keys.ts";

const fresh = () => join(mkdtempSync(join(tmpdir(), "keys-")), "keys");
const contentOf = (directory: string) =>
  Object.fromEntries(readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), "utf8")]));

test("keys made together sign and verify together, each for its own purpose", async () => {
  const { api, channels, operator, verifier } = await testKeys(fresh());
  for (const purpose of API_PURPOSES) {
    expect(await verifier.verify(purpose, await api.signer.sign(purpose, 1))).toEqual({ keyId: api.keyId });
    const signed = await operator.signer.sign(purpose, 1);
    await expect(verifier.verify(purpose, signed)).rejects.toMatchObject({ code: "KEY_UNKNOWN" });
  }
  const configuration = await operator.signer.sign("configuration", 1);
  expect(await verifier.verify("configuration", configuration)).toEqual({ keyId: operator.keyId });
  const identification = await channels.signer.sign("identification", 1);
  expect(await verifier.verify("identification", identification)).toEqual({ keyId: channels.keyId });
  const posing = await api.signer.sign("configuration", 1);
  await expect(verifier.verify("configuration", posing)).rejects.toMatchObject({ code: "KEY_UNKNOWN" });
});

test("who says what never says whose account it was, and the other way round", async () => {
  const { api, channels, verifier } = await testKeys(fresh());
  expect(API_PURPOSES).toEqual(expect.arrayContaining(["message", "link", "delegation"]));
  const whose = await api.signer.sign("identification", 1);
  await expect(verifier.verify("identification", whose)).rejects.toMatchObject({ code: "KEY_UNKNOWN" });
  for (const purpose of PURPOSES.filter((one) => one !== "identification")) {
    const signed = await channels.signer.sign(purpose, 1);
    await expect(verifier.verify(purpose, signed)).rejects.toMatchObject({ code: "KEY_UNKNOWN" });
  }
});

describe("a directory made before Slack was there", () => {
  /** As an earlier release left it: no key for channels, and the API's key for less. */
  async function earlier() {
    const directory = fresh();
    const before = await testKeys(directory);
    const { files, trust } = before;
    rmSync(files.channelsSigningKeyFile);
    const keys = trust.keys
      .filter(({ id }) => id !== before.channels.keyId)
      .map((key) => ({ ...key, purposes: key.purposes.filter((one) => one !== "link" && one !== "delegation") }));
    writeFileSync(files.trustFile, JSON.stringify({ keys }));
    return { directory, before };
  }

  test("gets what is missing, and what was signed before still holds", async () => {
    const { directory, before } = await earlier();
    const pending = await before.api.signer.sign("submission", { a: 1 });
    const { api, channels, verifier } = await testKeys(directory);
    expect(await verifier.verify("submission", pending)).toEqual({ keyId: before.api.keyId });
    expect(await verifier.verify("delegation", await api.signer.sign("delegation", 1))).toEqual({ keyId: api.keyId });
    const found = await channels.signer.sign("identification", 1);
    expect(await verifier.verify("identification", found)).toEqual({ keyId: channels.keyId });
  });

  test("is the same for two starts at once", async () => {
    const { directory } = await earlier();
    const [one, other] = await Promise.all([testKeys(directory), testKeys(directory)]);
    const signed = await one.channels.signer.sign("identification", 1);
    expect(await other.verifier.verify("identification", signed)).toEqual({ keyId: other.channels.keyId });
  });

  test("leaves a revoked key as it is", async () => {
    const { directory, before } = await earlier();
    const { keys } = JSON.parse(readFileSync(before.files.trustFile, "utf8")) as TrustFile;
    const revoked = keys.map((key) => (key.id === before.api.keyId ? { ...key, revoked: true } : key));
    writeFileSync(before.files.trustFile, JSON.stringify({ keys: revoked }));
    const { trust } = await testKeys(directory);
    expect(trust.keys.find(({ id }) => id === before.api.keyId)).toEqual(
      revoked.find(({ id }) => id === before.api.keyId),
    );
  });
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
  expect(Object.keys(before)).toHaveLength(5);
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
