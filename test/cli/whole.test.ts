import { afterAll, beforeAll, expect, inject, test } from "vitest";
import type { PrincipalId } from "../../core/principal.ts";
import { MANY_ROWS, ONE_OWNER } from "../support/configuration.ts";
import { runCli } from "../support/run-cli.ts";
import { type Stack, startStack } from "../support/stack.ts";

/** The command line against everything a deployment has. */
let stack: Stack;
beforeAll(async () => {
  stack = await startStack({
    postgresUrl: inject("postgresUrl"),
    temporalAddress: inject("temporalAddress"),
    policies: ONE_OWNER,
  });
});
afterAll(() => stack?.stop());

const as = async (principal: PrincipalId, ...args: string[]) =>
  runCli(args, { env: { COUNTERSIGN_URL: stack.url, COUNTERSIGN_TOKEN: await stack.token(principal) } });

const ask = (key: string, ...more: string[]) => {
  const set = [`statement=${MANY_ROWS}`, "format=csv"].flatMap((pair) => ["--set", pair]);
  const options = ["--target", "crm", ...set, "--set", "maxRows:=100000", "--key", key];
  return as("agent:reporting-bot", "request", "postgres.export", ...options, ...more);
};

async function pending(key: string): Promise<string> {
  const { stdout } = await ask(key, "--wait", "0", "--json");
  const { id } = JSON.parse(stdout);
  await stack.as("agent:reporting-bot").until(id, "pending");
  return id;
}

test("asked and approved on the command line, the export runs, and both sides are told", async () => {
  const id = await pending("w-1");
  const waiting = ask("w-1", "--wait", "60s");
  const answered = await as("person:alice", "review", id, "approve", "--yes");
  expect(answered).toMatchObject({ code: 0 });
  expect(answered.stderr).toContain(MANY_ROWS);
  const told = await waiting;
  expect(told).toMatchObject({ code: 0 });
  expect(told.stdout).toContain("succeeded");
  const shown = await as("person:alice", "show", id, "--explain");
  expect(shown).toMatchObject({ code: 0, stderr: "" });
  expect(shown.stdout).toMatch(/request\.submitted[\s\S]*review\.approved[\s\S]*request\.succeeded/);
  expect(shown.stdout).toContain("exports");
});

test("a denial ends the agent's command with the code and the note", async () => {
  const id = await pending("w-2");
  const why = ["--reason", "REVIEW_TOO_BROAD", "--note", "only Q3, please"];
  expect(await as("person:alice", "review", id, "deny", ...why, "--yes")).toMatchObject({ code: 0 });
  const told = await ask("w-2");
  expect(told.code).toBe(1);
  expect(told.stdout).toContain("REVIEW_TOO_BROAD");
  expect(told.stdout).toContain("only Q3, please");
});

test("the owner of the agent is refused with a sentence and a next step", async () => {
  const id = await pending("w-3");
  const run = await as("person:dana", "review", id, "approve", "--yes");
  expect(run.code).toBe(1);
  expect(run.stderr).toContain("REVIEW_OWNER_EXCLUDED: You own the agent that asks; somebody else has to answer.");
  expect(await as("agent:reporting-bot", "review", id, "withdraw", "--yes")).toMatchObject({ code: 0 });
});

test("a flag holds, an auditor releases, and the list says who is waited for", async () => {
  const id = await pending("w-4");
  const why = ["--reason", "REVIEW_SUSPICIOUS", "--note", "at night?"];
  expect(await as("person:alice", "review", id, "flag", ...why, "--yes")).toMatchObject({ code: 0 });
  expect((await as("person:erin", "list", "--status", "held")).stdout).toMatch(new RegExp(`${id} +held .*auditors`));
  expect(await as("person:erin", "review", id, "release", "--yes")).toMatchObject({ code: 0 });
  const list = await as("person:bob", "list", "--waiting-for-me");
  expect(list.stdout).toMatch(new RegExp(`${id} +pending .*1 of data-owners +in \\d+ min`));
});

test("a freeze is ordered, seen, and lifted by an operator, and by nobody else", async () => {
  const order = ["freeze", "order", "--target", "crm", "--reason", "incident 4711"];
  expect((await as("person:alice", ...order)).code).toBe(1);
  const ordered = await as("person:omar", ...order, "--json");
  expect(ordered).toMatchObject({ code: 0 });
  const { id } = JSON.parse(ordered.stdout).freeze;
  expect((await as("person:omar", "freeze", "list")).stdout).toMatch(new RegExp(`${id} +crm .*incident 4711`));
  expect(await as("person:omar", "freeze", "lift", id, "--reason", "closed")).toMatchObject({ code: 0 });
  expect(JSON.parse((await as("person:omar", "freeze", "list", "--json")).stdout)).toEqual({ items: [] });
});

test("doctor finds nothing wrong with what runs", async () => {
  const env = {
    COUNTERSIGN_URL: stack.url,
    COUNTERSIGN_DATABASE_URL: stack.databaseUrls.admin,
    COUNTERSIGN_TEMPORAL_ADDRESS: stack.temporalAddress,
    COUNTERSIGN_TEMPORAL_NAMESPACE: stack.namespace,
    COUNTERSIGN_TRUST_FILE: stack.keys.trustFile,
    COUNTERSIGN_SIGNING_KEY_FILE: stack.keys.apiSigningKeyFile,
    COUNTERSIGN_PAYLOAD_KEYRING_FILE: stack.keys.payloadKeyringFile,
  };
  const run = await runCli(["doctor", "--json"], { env });
  const { findings } = JSON.parse(run.stdout);
  expect(findings.filter(({ result }: { result: string }) => result === "wrong")).toEqual([]);
  expect(run.code).toBe(0);
  expect(findings).toContainEqual(expect.objectContaining({ check: "search attributes", result: "ok" }));
});
