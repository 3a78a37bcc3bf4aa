import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { type DevelopmentKeys, generateDevelopmentKeys } from "../../config/development-keys.ts";
import { parseApiKey } from "../../crypto/api-key.ts";
import { sha256 } from "../../crypto/digest.ts";
import { connect, type Database } from "../../db/client.ts";
import { credentialByHash } from "../../db/credentials.ts";
import { consumeSignInLink } from "../../db/sessions.ts";
import { CONFIGURATION, ONE_OWNER } from "../support/configuration.ts";
import { type FreshDatabase, freshDatabase } from "../support/database.ts";
import { runCli } from "../support/run-cli.ts";

let fresh: FreshDatabase;
let database: Database;
let directory: string;
let keys: DevelopmentKeys;
let env: { [name: string]: string };
beforeAll(async () => {
  fresh = await freshDatabase(inject("postgresUrl"));
  database = connect(fresh.adminUrl, { max: 1 });
  directory = mkdtempSync(join(tmpdir(), "countersign-admin-"));
  keys = await generateDevelopmentKeys(join(directory, "keys"));
  env = { COUNTERSIGN_DATABASE_URL: fresh.adminUrl, COUNTERSIGN_TRUST_FILE: keys.trustFile };
  write(CONFIGURATION);
});
afterAll(async () => {
  await database?.close();
  await fresh?.drop();
  rmSync(directory, { recursive: true, force: true });
});

function write(configuration: string): void {
  mkdirSync(join(directory, "policies"), { recursive: true });
  writeFileSync(join(directory, "countersign.yaml"), configuration);
  for (const { file, text } of ONE_OWNER) writeFileSync(join(directory, "policies", file), text);
}

const apply = (...options: string[]) =>
  runCli(["apply", "--key-file", keys.operatorKeyFile, ...options], { env, cwd: directory });

test("before anything is applied, no credential is made for anybody", async () => {
  const run = await runCli(["credential", "create", "agent:reporting-bot"], { env });
  expect(run.code).toBe(1);
  expect(run.stderr).toMatch(/^NOT_CONFIGURED: /);
});

test("apply --dry-run shows every change and writes nothing", async () => {
  const run = await apply("--dry-run", "--json");
  expect(run).toMatchObject({ code: 0 });
  expect(JSON.parse(run.stdout)).toMatchObject({ version: 0, applied: false });
  expect(JSON.parse(run.stdout).changes).toContain("+ agent:reporting-bot");
  expect(JSON.parse((await apply("--dry-run", "--json")).stdout).version).toBe(0);
});

test("apply signs the next version, and the same again changes nothing", async () => {
  const first = JSON.parse((await apply("--yes", "--json")).stdout);
  expect(first).toMatchObject({ version: 1, applied: true });
  const again = JSON.parse((await apply("--yes", "--json")).stdout);
  expect(again).toMatchObject({ version: 1, applied: false, changes: [] });
});

test("apply says who left a group", async () => {
  write(CONFIGURATION.replace("groups: [data-owners, data-protection] }", "groups: [data-owners] }"));
  const run = await apply("--yes");
  expect(run.code).toBe(0);
  expect(run.stderr).toContain('~ person:bob  groups: -"group:data-protection"');
  expect(run.stdout).toContain("Version 2 is in force");
});

test("an error anywhere is reported with file and line, and nothing is written", async () => {
  write(CONFIGURATION.replace("owner: dana", "owner: nobody"));
  const run = await apply("--yes");
  expect(run.code).toBe(1);
  expect(run.stderr).toMatch(/^CONFIGURATION_INVALID: /);
  expect(run.stderr).toMatch(/countersign\.yaml:\d+:\d+/);
  write(CONFIGURATION);
  expect(JSON.parse((await apply("--dry-run", "--json")).stdout).version).toBe(2);
});

test("apply asks before it signs, and where nobody can answer it does nothing", async () => {
  const run = await apply();
  expect(run.code).toBe(2);
  expect(run.stderr).toContain("--yes");
});

test("a key is printed once, works, is listed without its text, and ends when it is revoked", async () => {
  const made = await runCli(["credential", "create", "agent:reporting-bot", "--expires", "2h", "--scope", "ask"], {
    env,
  });
  expect(made.code).toBe(0);
  const text = made.stdout.trim();
  const { id, hash } = parseApiKey(text);
  expect(await credentialByHash(database, hash)).toMatchObject({
    id,
    principal: "agent:reporting-bot",
    scopes: ["ask"],
    revokedAt: null,
  });
  const listed = await runCli(["credential", "list"], { env });
  expect(listed.stdout).toContain(id);
  expect(listed.stdout).not.toContain(text);
  expect(await runCli(["credential", "revoke", id], { env })).toMatchObject({ code: 0 });
  expect((await credentialByHash(database, hash))?.revokedAt).not.toBeNull();
  expect(await runCli(["credential", "revoke", id], { env })).toMatchObject({ code: 1 });
});

test("a name that is not in the configuration gets no credential", async () => {
  const run = await runCli(["credential", "create", "agent:stranger"], { env });
  expect(run.code).toBe(2);
  expect(run.stdout).toBe("");
});

test("a sign-in link is for one person, once", async () => {
  const options = ["--public-url", "https://approvals.example.com/", "--json"];
  const run = await runCli(["credential", "sign-in-link", "person:alice", ...options], { env });
  const { url, person } = JSON.parse(run.stdout);
  expect(person).toBe("person:alice");
  const code = new URL(url).searchParams.get("code") ?? "";
  expect(new URL(url).host).toBe("approvals.example.com");
  expect(await consumeSignInLink(database, sha256(code), Date.now())).toBe("person:alice");
  expect(await consumeSignInLink(database, sha256(code), Date.now())).toBeNull();
  const agent = await runCli(["credential", "sign-in-link", "agent:reporting-bot", ...options], { env });
  expect(agent.code).toBe(2);
});

test("doctor finds a healthy database, a signature that holds and keys that fit", async () => {
  const more = {
    COUNTERSIGN_SIGNING_KEY_FILE: keys.apiSigningKeyFile,
    COUNTERSIGN_PAYLOAD_KEYRING_FILE: keys.payloadKeyringFile,
  };
  const run = await runCli(["doctor", "--json"], { env: { ...env, ...more } });
  const { findings, healthy } = JSON.parse(run.stdout);
  expect(findings.filter((finding: { result: string }) => finding.result === "wrong")).toEqual([]);
  expect({ healthy, code: run.code }).toEqual({ healthy: true, code: 0 });
  const checks = findings
    .filter((finding: { result: string }) => finding.result === "ok")
    .map(({ check }: { check: string }) => check);
  expect(checks).toEqual(
    expect.arrayContaining(["database", "migrations", "configuration", "trust file", "payload keyring"]),
  );
});

test("doctor finds Temporal, and a namespace that is not there", async () => {
  const temporal = {
    COUNTERSIGN_TEMPORAL_ADDRESS: inject("temporalAddress"),
    COUNTERSIGN_TEMPORAL_NAMESPACE: "nobody-made-this",
  };
  const run = await runCli(["doctor", "--json"], { env: temporal });
  expect(run.code).toBe(1);
  const { findings } = JSON.parse(run.stdout);
  expect(findings).toContainEqual(expect.objectContaining({ check: "Temporal", result: "ok" }));
  expect(findings).toContainEqual(
    expect.objectContaining({ check: "namespace", result: "wrong", fix: expect.stringContaining("namespace create") }),
  );
});

test("doctor says that a signature of a stranger's key does not hold", async () => {
  const other = await generateDevelopmentKeys(join(directory, "other-keys"));
  const run = await runCli(["doctor", "--json"], { env: { ...env, COUNTERSIGN_TRUST_FILE: other.trustFile } });
  expect(run.code).toBe(1);
  expect(JSON.parse(run.stdout).findings).toContainEqual(
    expect.objectContaining({ check: "configuration", result: "wrong" }),
  );
});

test("doctor says which private key others may read", async () => {
  const other = await generateDevelopmentKeys(join(directory, "open-keys"));
  chmodSync(other.apiSigningKeyFile, 0o644);
  const more = { COUNTERSIGN_TRUST_FILE: other.trustFile, COUNTERSIGN_SIGNING_KEY_FILE: other.apiSigningKeyFile };
  const run = await runCli(["doctor", "--json"], { env: more });
  expect(JSON.parse(run.stdout).findings).toContainEqual(
    expect.objectContaining({ check: "file mode", fix: `chmod 600 ${other.apiSigningKeyFile}` }),
  );
});

test("doctor tells an unreachable database and API apart from a broken one: exit code 3", async () => {
  const gone = {
    COUNTERSIGN_DATABASE_URL: "postgres://nobody@127.0.0.1:1/none",
    COUNTERSIGN_URL: "http://127.0.0.1:1",
  };
  const run = await runCli(["doctor", "--json"], { env: gone });
  expect(run.code).toBe(3);
  const wrong = JSON.parse(run.stdout).findings.filter(({ result }: { result: string }) => result === "wrong");
  expect(wrong.map(({ check }: { check: string }) => check).sort()).toEqual(["API", "database"]);
});
