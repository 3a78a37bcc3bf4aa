import { beforeAll, expect, test } from "vitest";
import type { Configuration } from "../../config/configuration.ts";
import { type ConfigurationRow, createConfigurationSource } from "../../config/configuration-source.ts";
import { digestOf } from "../../crypto/digest.ts";
import { type TestKeys, testKeys } from "../support/keys.ts";

let keys: TestKeys;
beforeAll(async () => {
  keys = await testKeys();
});

const base: Configuration = {
  version: 1,
  appliedAt: 1_700_000_000_000,
  directory: { groups: ["group:operators"], people: [], agents: [] },
  agents: [],
  targets: [],
  issuers: [],
  reasonCodes: [],
  slack: null,
  imported: [],
  policies: [],
};

async function rowOf(version: number, signer = keys.operator.signer): Promise<ConfigurationRow> {
  const content = { ...base, version };
  return { version, digest: digestOf(content), signed: await signer.sign("configuration", content) };
}

/** A table of one row that can change, and a count of how often it was read. */
function tableOf(row: ConfigurationRow | null) {
  const table = { row, reads: 0, broken: false };
  const load = async () => {
    table.reads += 1;
    if (table.broken) throw new Error("the database is gone");
    // As a database gives it: a new object each time.
    return structuredClone(table.row);
  };
  return { table, load };
}

const refused = { code: "SIGNATURE_INVALID" };

test("the configuration in force is the one the operator signed", async () => {
  const row = await rowOf(3);
  const source = createConfigurationSource({ load: tableOf(row).load, verifier: keys.verifier, ttlMs: 0 });
  expect(await source.current()).toEqual({ ...base, version: 3 });
  expect(await source.inForce()).toMatchObject({ version: 3, digest: row.digest, keyId: keys.operator.keyId });
});

test("without a row there is no configuration", async () => {
  const source = createConfigurationSource({ load: tableOf(null).load, verifier: keys.verifier, ttlMs: 0 });
  await expect(source.current()).rejects.toMatchObject({ code: "NOT_CONFIGURED" });
});

test("a row that the API's key signed is refused", async () => {
  const row = await rowOf(1, keys.api.signer);
  const source = createConfigurationSource({ load: tableOf(row).load, verifier: keys.verifier, ttlMs: 0 });
  await expect(source.current()).rejects.toMatchObject({ code: "KEY_UNKNOWN" });
});

test("a row whose content, version or digest was changed is refused, also after it was believed", async () => {
  const row = await rowOf(2);
  const content = { ...row.signed.content, directory: { ...base.directory, groups: ["group:x" as const] } };
  const changed: ConfigurationRow[] = [
    { ...row, signed: { ...row.signed, content } },
    { ...row, digest: digestOf(content), signed: { ...row.signed, content } },
    { ...row, version: 3 },
    { ...row, digest: digestOf("another") },
  ];
  for (const wrong of changed) {
    const fresh = createConfigurationSource({ load: tableOf(wrong).load, verifier: keys.verifier, ttlMs: 0 });
    await expect(fresh.current()).rejects.toMatchObject(refused);
    const { table, load } = tableOf(row);
    const source = createConfigurationSource({ load, verifier: keys.verifier, ttlMs: 0 });
    await source.current();
    table.row = wrong;
    await expect(source.current()).rejects.toMatchObject(refused);
  }
});

test("an older version never comes back", async () => {
  const { table, load } = tableOf(await rowOf(2));
  const source = createConfigurationSource({ load, verifier: keys.verifier, ttlMs: 0 });
  await source.current();
  table.row = await rowOf(1);
  await expect(source.current()).rejects.toMatchObject(refused);
  table.row = await rowOf(3);
  expect((await source.current()).version).toBe(3);
});

test("a new version counts from the next reading, and the same version stays the same object", async () => {
  const { table, load } = tableOf(await rowOf(1));
  const source = createConfigurationSource({ load, verifier: keys.verifier, ttlMs: 0 });
  const first = await source.current();
  expect(await source.current()).toBe(first);
  table.row = await rowOf(2);
  expect((await source.current()).version).toBe(2);
});

test("within its time a row is not read again, after it is", async () => {
  let now = 0;
  const { table, load } = tableOf(await rowOf(1));
  const source = createConfigurationSource({ load, verifier: keys.verifier, ttlMs: 1_000, now: () => now });
  await source.current();
  now = 999;
  await source.current();
  expect(table.reads).toBe(1);
  now = 1_000;
  await source.current();
  expect(table.reads).toBe(2);
});

test("when the row cannot be read, an old configuration does not stand in", async () => {
  const { table, load } = tableOf(await rowOf(1));
  const source = createConfigurationSource({ load, verifier: keys.verifier, ttlMs: 0 });
  await source.current();
  table.broken = true;
  await expect(source.current()).rejects.toThrow("the database is gone");
  table.broken = false;
  table.row = null;
  await expect(source.current()).rejects.toMatchObject({ code: "NOT_CONFIGURED" });
});

test("a row from before Slack was there is believed as it was signed, and says nothing about Slack", async () => {
  const people = [{ id: "person:alice", name: "Alice", email: null, groups: [], active: true, sameAs: null }];
  const agents = [{ id: "agent:bot", keys: [], actions: [], targets: [] }];
  const { slack: _slack, imported: _imported, ...earlier } = { ...base, agents };
  const content = { ...earlier, directory: { ...base.directory, people } } as unknown as Configuration;
  const row = {
    version: 1,
    digest: digestOf(content),
    signed: await keys.operator.signer.sign("configuration", content),
  };
  const source = createConfigurationSource({ load: tableOf(row).load, verifier: keys.verifier, ttlMs: 0 });
  expect(await source.current()).toMatchObject({
    ...{ slack: null, imported: [], agents: [{ accounts: [] }] },
    directory: { people: [{ accounts: [] }] },
  });
  expect((await source.inForce()).digest).toBe(row.digest);
});

test("many calls at once, the first ones or the first after an apply, all get what is in force", async () => {
  const { table, load } = tableOf(await rowOf(1));
  const source = createConfigurationSource({ load, verifier: keys.verifier, ttlMs: 0 });
  const versions = async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => source.inForce()));
    return new Set(all.map((one) => one.version));
  };
  expect(await versions()).toEqual(new Set([1]));
  table.row = await rowOf(2);
  expect(await versions()).toEqual(new Set([2]));
});

test("a call that read the row just before an apply gets the new one and refuses nothing", async () => {
  const [one, two] = [await rowOf(1), await rowOf(2)];
  const rows = [one, one, two];
  let release = () => {};
  const slow = new Promise<void>((resolve) => {
    release = resolve;
  });
  let reads = 0;
  const load = async () => {
    reads += 1;
    const row = structuredClone(rows[Math.min(reads, rows.length) - 1] ?? null);
    // The second reader is slow to get on with the old row.
    if (reads === 2) await slow;
    return row;
  };
  const source = createConfigurationSource({ load, verifier: keys.verifier, ttlMs: 0 });
  expect((await source.inForce()).version).toBe(1);
  const late = source.inForce();
  expect((await source.inForce()).version).toBe(2);
  release();
  expect((await late).version).toBe(2);
});
