import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { importedMembers, type Membership } from "../../cli/imported-members.ts";
import type { ImportedMember } from "../../config/configuration.ts";
import { type DevelopmentKeys, generateDevelopmentKeys } from "../../config/development-keys.ts";
import { parseConfiguration } from "../../config/yaml.ts";
import type { GroupId, PersonId } from "../../core/principal.ts";
import { connect, type Database } from "../../db/client.ts";
import { latestConfiguration } from "../../db/read/configuration.ts";
import { CONFIGURATION, ONE_OWNER } from "../support/configuration.ts";
import { type FreshDatabase, freshDatabase } from "../support/database.ts";
import { runCli } from "../support/run-cli.ts";
import { type Slack, startSlack } from "../support/slack/slack.ts";
import { ACCOUNTS, WORKSPACE } from "../support/slack/workspace.ts";

const GROUP = "S0OWNERS";
let slack: Slack;
let fresh: FreshDatabase;
let database: Database;
let directory: string;
let keys: DevelopmentKeys;
let env: { [name: string]: string };

beforeAll(async () => {
  [slack, fresh] = await Promise.all([
    startSlack({ transport: "socket", deliverTo: null }),
    freshDatabase(inject("postgresUrl")),
  ]);
  database = connect(fresh.adminUrl, { max: 1 });
  directory = mkdtempSync(join(tmpdir(), "countersign-import-"));
  keys = await generateDevelopmentKeys(join(directory, "keys"));
  env = {
    COUNTERSIGN_DATABASE_URL: fresh.adminUrl,
    COUNTERSIGN_TRUST_FILE: keys.trustFile,
    SLACK_BOT_TOKEN: WORKSPACE.app.botToken,
    SLACK_API_URL: slack.apiUrl,
  };
  mkdirSync(join(directory, "policies"));
  for (const { file, text } of ONE_OWNER) writeFileSync(join(directory, "policies", file), text);
  write(`${GROUP}`);
});
afterAll(async () => {
  await slack?.stop();
  await database?.close();
  await fresh?.drop();
  rmSync(directory, { recursive: true, force: true });
});

/** The tests' people, each with their account, and one imported group. */
function write(userGroup: string): void {
  const people = CONFIGURATION.replace(/id: ([a-z-]+), name/g, (all, id: string) => {
    const user = ACCOUNTS[id as keyof typeof ACCOUNTS];
    return user === undefined ? all : `id: ${id}, slack: ${user}, name`;
  });
  const section = `slack: { team: ${WORKSPACE.team}, user_groups: { privacy-oncall: ${userGroup} } }`;
  writeFileSync(join(directory, "countersign.yaml"), `${people}${section}\n`);
}

const apply = (...options: string[]) =>
  runCli(["apply", "--key-file", keys.operatorKeyFile, ...options], { env, cwd: directory });
const inForce = async () => (await latestConfiguration(database))?.signed.content;

test("apply takes the members of a user group, signed with the time since when", async () => {
  slack.proxy.strictness.userGroups.set(GROUP, [ACCOUNTS.alice, ACCOUNTS.bob]);
  const run = await apply("--yes");
  expect(run).toMatchObject({ code: 0 });
  const content = await inForce();
  expect(content?.imported).toEqual([
    { group: "group:privacy-oncall", person: "person:alice", since: content?.appliedAt },
    { group: "group:privacy-oncall", person: "person:bob", since: content?.appliedAt },
  ]);
  expect(run.stderr).toContain("+ imported into group:privacy-oncall");
});

test("whoever was there stays since then, whoever is new counts from now, whoever left is gone, and the changes say so", async () => {
  const before = await inForce();
  slack.proxy.strictness.userGroups.set(GROUP, [ACCOUNTS.bob, ACCOUNTS.carol]);
  const run = await apply("--yes");
  expect(run.stderr).toContain('~ imported into group:privacy-oncall  members: -"person:alice" +"person:carol"');
  const content = await inForce();
  expect(content?.imported).toEqual([
    { group: "group:privacy-oncall", person: "person:bob", since: before?.appliedAt },
    { group: "group:privacy-oncall", person: "person:carol", since: content?.appliedAt },
  ]);
});

test("the same members again change nothing", async () => {
  const run = await apply("--yes", "--json");
  expect(JSON.parse(run.stdout)).toMatchObject({ applied: false, changes: [] });
});

test("a second account in the group is its person, once, and an account of nobody is told and does not count", async () => {
  slack.proxy.strictness.userGroups.set(GROUP, [ACCOUNTS.dana, ACCOUNTS["dana-private"], ACCOUNTS.guest]);
  const run = await apply("--dry-run");
  expect(run.stderr).toContain(`${GROUP} has members that nobody in countersign.yaml is: ${ACCOUNTS.guest}`);
  expect(run.stderr).toContain('+"person:dana"');
  expect(run.stderr).not.toContain("dana-private");
});

test("without a token the members stay as they were, and apply says that it did not ask", async () => {
  const { SLACK_BOT_TOKEN: _none, ...without } = env;
  const before = await inForce();
  const run = await runCli(["apply", "--key-file", keys.operatorKeyFile, "--yes", "--json"], {
    env: without,
    cwd: directory,
  });
  expect(run.stderr).toContain("SLACK_BOT_TOKEN is not set");
  expect(JSON.parse(run.stdout)).toMatchObject({ applied: false });
  expect(await inForce()).toEqual(before);
});

test.each<[string, () => void, number, RegExp]>([
  ["Slack does not know the group", () => write("S0NOBODY"), 1, /S0NOBODY cannot be read: Slack says no_such_subteam/],
  [
    "Slack is away",
    () => slack.proxy.faults.add("usergroups.users.list", { kind: "status", status: 503 }),
    3,
    /Slack says http_503/,
  ],
  [
    "the token lacks the scope",
    () => slack.proxy.faults.add("usergroups.users.list", { kind: "error", error: "missing_scope" }),
    1,
    /missing_scope[\s\S]*slack-manifest/,
  ],
])("apply writes nothing when %s, and says what to do", async (_what, wrong, code, sentence) => {
  const before = await inForce();
  wrong();
  const run = await apply("--yes");
  slack.proxy.faults.clear();
  write(GROUP);
  expect(run.code).toBe(code);
  expect(run.stderr).toMatch(sentence);
  expect(run.stderr).not.toContain(WORKSPACE.app.botToken);
  expect(await inForce()).toEqual(before);
});

test("a group that is no longer imported has no imported members, with a token or without", () => {
  const before: ImportedMember[] = [{ group: "group:privacy-oncall", person: "person:alice", since: 1 }];
  const draft = parseConfiguration(CONFIGURATION, "c.yaml");
  expect(importedMembers(before, null, draft, 9)).toEqual([]);
  expect(importedMembers(before, [{ group: "group:privacy-oncall", person: "person:alice" }], draft, 9)).toEqual([]);
});

test("nobody is ever in an imported group since before they were first seen there", () => {
  const groups: GroupId[] = ["group:a", "group:b"];
  const people: PersonId[] = ["person:alice", "person:bob", "person:gone"];
  const draft = {
    ...parseConfiguration(CONFIGURATION, "c.yaml"),
    slack: {
      ...{ team: "T01", allowDecisions: true, blockStyle: "classic" as const, conversations: [], emailDomains: [] },
      userGroups: groups.map((group) => ({ group, userGroup: "S01" })),
    },
  };
  const memberships = fc.array(
    fc.record<Membership>({ group: fc.constantFrom(...groups), person: fc.constantFrom(...people) }),
  );
  fc.assert(
    fc.property(fc.array(memberships, { minLength: 1 }), (applied) => {
      const seen = new Map<string, number>();
      let before: ImportedMember[] = [];
      for (const [index, asked] of applied.entries()) {
        const now = index + 1;
        const names = new Set(asked.map(({ group, person }) => `${group} ${person}`));
        for (const name of seen.keys()) if (!names.has(name)) seen.delete(name);
        for (const name of names) if (!seen.has(name)) seen.set(name, now);
        before = importedMembers(before, asked, draft, now);
        for (const { group, person, since } of before) expect(since).toBe(seen.get(`${group} ${person}`));
        expect(before.map(({ person }) => person)).not.toContain("person:gone");
        expect(before.length).toBe([...names].filter((name) => !name.endsWith("gone")).length);
      }
    }),
  );
});
