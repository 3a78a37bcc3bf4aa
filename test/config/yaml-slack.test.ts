import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { parseConfiguration } from "../../config/yaml.ts";
import { configurationJsonSchema } from "../../config/yaml-schema.ts";
import { CountersignError } from "../../core/errors.ts";

const slack = {
  team: "T01ACME",
  conversations: [{ id: "C01OPS", groups: ["data-owners"] }, { id: "C02ALL" }],
  email_domains: ["example.com"],
  user_groups: { "data-owners": "S01DATA" },
};
const base = {
  groups: ["data-owners"],
  people: [
    { id: "alice", name: "Alice", groups: ["data-owners"], slack: "U01ALICE" },
    { id: "bob", name: "Bob", slack: ["U02BOB", "W02BOB"] },
    { id: "dana", name: "Dana" },
  ],
  agents: [{ id: "bot", name: "Bot", owner: "dana", slack: "U09BOT" }],
  slack,
};

/** `line:column message` of everything wrong. */
function findingsOf(text: string): string[] {
  try {
    parseConfiguration(text, "c.yaml");
  } catch (error) {
    if (!(error instanceof CountersignError)) throw error;
    return error.findings.map(({ line, column, message }) => `${line}:${column} ${message}`);
  }
  return [];
}

test("an account is one of its workspace, whoever has it: one, several, none", () => {
  const { directory, agents } = parseConfiguration(stringify(base), "c.yaml");
  expect(directory.people.map(({ accounts }) => accounts)).toEqual([
    ["slack:T01ACME/U01ALICE"],
    ["slack:T01ACME/U02BOB", "slack:T01ACME/W02BOB"],
    [],
  ]);
  expect(agents[0]?.accounts).toEqual(["slack:T01ACME/U09BOT"]);
});

test("the Slack section becomes the settings, and what it leaves out has its default", () => {
  expect(parseConfiguration(stringify(base), "c.yaml").slack).toEqual({
    team: "T01ACME",
    allowDecisions: true,
    blockStyle: "classic",
    conversations: [
      { id: "C01OPS", groups: ["group:data-owners"] },
      { id: "C02ALL", groups: [] },
    ],
    emailDomains: ["example.com"],
    userGroups: [{ group: "group:data-owners", userGroup: "S01DATA" }],
  });
});

test("a file never says who was imported: only applying asks the chat", () => {
  expect(parseConfiguration(stringify(base), "c.yaml").imported).toEqual([]);
});

test("without a Slack section nobody is told or answers there", () => {
  const { slack: _none, ...without } = base;
  const people = [{ id: "dana", name: "Dana" }];
  const agents = [{ id: "bot", name: "Bot", owner: "dana" }];
  expect(parseConfiguration(stringify({ ...without, people, agents }), "c.yaml").slack).toBeNull();
});

describe("the file is refused, at the place where it is wrong, when", () => {
  const people = (...lines: string[]) => ["people:", ...lines].join("\n");
  const section = "slack: { team: T01ACME }";

  test.each<[string, string, string[]]>([
    [
      "two people have one account",
      `${people("  - { id: a, name: A, slack: U01AA }", "  - { id: b, name: B, slack: [U02BB, U01AA] }")}\n${section}`,
      ['3:38 the Slack account "U01AA" is there twice'],
    ],
    [
      "a person and an agent have one account",
      [
        people("  - { id: a, name: A, slack: U01AA }"),
        "agents:",
        "  - { id: bot, name: Bot, owner: a, slack: U01AA }",
        section,
      ].join("\n"),
      ['4:44 the Slack account "U01AA" is there twice'],
    ],
    [
      "accounts are there and no workspace",
      people("  - { id: a, name: A, slack: U01AA }"),
      ["2:30 there is no slack section that says whose workspace this is"],
    ],
    [
      "an account is none",
      `${people("  - { id: a, name: A, slack: alice }")}\n${section}`,
      ['2:30 "slack" must be the id of a Slack account, U…'],
    ],
    [
      "one account of a list is none",
      `${people("  - { id: a, name: A, slack: [U01AA, alice] }")}\n${section}`,
      ['2:38 "1" must be the id of a Slack account, U…'],
    ],
    [
      "an account is a number",
      `${people("  - { id: a, name: A, slack: 12 }")}\n${section}`,
      ['2:30 "slack" must be text or a list'],
    ],
    [
      "a conversation is there twice",
      `${people("  - { id: a, name: A }")}\nslack: { team: T01ACME, conversations: [{ id: C01 }, { id: C02 }, { id: C01 }] }`,
      ['3:73 the conversation "C01" is there twice'],
    ],
    [
      "a conversation is for an unknown group",
      `${people("  - { id: a, name: A }")}\nslack: { team: T01ACME, conversations: [{ id: C01, groups: [operators, nope] }] }`,
      ['3:72 there is no group "nope"'],
    ],
    [
      "an unknown group is imported",
      `${people("  - { id: a, name: A }")}\nslack:\n  team: T01ACME\n  user_groups: { nope: S01AA }`,
      ['5:18 there is no group "nope"'],
    ],
    [
      "nobody says whose workspace it is",
      `${people("  - { id: a, name: A }")}\nslack: { allow_decisions: true }`,
      ['3:1 "team" is missing'],
    ],
    [
      "who may throw the switches would be taken from Slack",
      `${people("  - { id: a, name: A }")}\nslack: { team: T01ACME, user_groups: { operators: S01OPS } }`,
      ["3:40 operators hold the switches, so who they are is written here and not taken from Slack"],
    ],
    [
      "a domain is an address",
      `${people("  - { id: a, name: A }")}\nslack: { team: T01ACME, email_domains: ["a@example.com"] }`,
      ['3:41 "0" must be a domain such as example.com, in lower case'],
    ],
    [
      "the style of blocks is unknown",
      `${people("  - { id: a, name: A }")}\nslack: { team: T01ACME, block_style: modern }`,
      ['3:38 "block_style" must be "classic" or "plain"'],
    ],
  ])("%s", (_what, text, findings) => {
    expect(findingsOf(text)).toEqual(findings);
  });
});

test("an imported group may have members by hand too, and accounts of a second entry are fine", () => {
  const people = [...base.people, { id: "al2", name: "Alice", same_as: "alice", slack: "U03ALICE" }];
  expect(findingsOf(stringify({ ...base, people }))).toEqual([]);
});

test("the schema for editors explains the Slack section field by field", () => {
  const text = JSON.stringify(configurationJsonSchema());
  for (const field of ["team", "allow_decisions", "block_style", "conversations", "email_domains", "user_groups"]) {
    expect(text).toContain(`"${field}"`);
  }
});
