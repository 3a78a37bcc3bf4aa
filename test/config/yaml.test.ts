import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { parseConfiguration } from "../../config/yaml.ts";
import { configurationJsonSchema } from "../../config/yaml-schema.ts";
import { CountersignError, type Finding } from "../../core/errors.ts";
import { canonicalJson } from "../../crypto/canonical.ts";

const X = "A".repeat(43);
const access = { role: "crm_export", url: { secret: "CRM_EXPORT_URL" } };
const target = {
  kind: "postgres",
  environment: "production",
  external: false,
  describe: { role: "crm_describe", url: { secret: "CRM_DESCRIBE_URL" } },
  execute: access,
  exports: { directory: "crm" },
};
const issuer = {
  issuer: "https://tokens.example.com",
  audience: "countersign",
  jwks_url: "https://tokens.example.com/jwks",
  claim: "sub",
  agents: { "repo:acme/bot": "reporting-bot" },
};
const base = {
  groups: ["data-owners"],
  people: [
    { id: "alice", name: "Alice", email: "alice@example.com", groups: ["data-owners", "auditors"] },
    { id: "dana", name: "Dana" },
    { id: "al2", name: "Alice again", same_as: "alice" },
  ],
  agents: [{ id: "reporting-bot", name: "Bot", owner: "dana", keys: [{ id: "bot-1", x: X }] }],
  targets: { crm: target },
  issuers: [issuer],
  reason_codes: [{ code: "ORG_NO_TICKET", sentence: "There is no ticket.", by: "reviewer", note_required: true }],
};

function findingsOf(text: string): Finding[] {
  try {
    parseConfiguration(text, "c.yaml");
  } catch (error) {
    if (error instanceof CountersignError && error.code === "CONFIGURATION_INVALID") return error.findings;
    throw error;
  }
  return [];
}

/** Messages for the base with one thing changed. */
const messagesOf = (change: object) => findingsOf(stringify({ ...base, ...change })).map((finding) => finding.message);

test("short names become ids, and everything left out has its default", () => {
  const person = { email: null, groups: [], active: true, sameAs: null, accounts: [] };
  expect(parseConfiguration(stringify(base), "c.yaml")).toEqual({
    directory: {
      groups: ["group:data-owners", "group:operators", "group:auditors"],
      people: [
        {
          ...{ ...person, id: "person:alice", name: "Alice", email: "alice@example.com" },
          groups: ["group:data-owners", "group:auditors"],
        },
        { ...person, id: "person:dana", name: "Dana" },
        { ...person, id: "person:al2", name: "Alice again", sameAs: "person:alice" },
      ],
      agents: [{ id: "agent:reporting-bot", name: "Bot", owner: "person:dana", groups: [], active: true }],
    },
    agents: [
      {
        id: "agent:reporting-bot",
        keys: [{ id: "bot-1", x: X, revoked: false }],
        actions: [],
        targets: [],
        accounts: [],
      },
    ],
    targets: [
      {
        ...target,
        name: "crm",
        describe: { role: "crm_describe", url: "CRM_DESCRIBE_URL" },
        execute: { role: "crm_export", url: "CRM_EXPORT_URL" },
        labels: {},
        functions: [],
      },
    ],
    issuers: [
      {
        issuer: issuer.issuer,
        audience: issuer.audience,
        jwksUrl: issuer.jwks_url,
        jwks: null,
        claim: "sub",
        agents: [{ value: "repo:acme/bot", agent: "agent:reporting-bot" }],
        onBehalfOfClaim: null,
      },
    ],
    slack: null,
    imported: [],
    reasonCodes: [{ code: "ORG_NO_TICKET", sentence: "There is no ticket.", by: "reviewer", noteRequired: true }],
  });
});

test("the file that comes with the project is right, and can be signed", () => {
  const draft = parseConfiguration(readFileSync("countersign.yaml", "utf8"), "countersign.yaml");
  expect(draft.targets.map(({ name }) => name)).toContain("crm");
  expect(canonicalJson(draft)).toContain("person:alice");
});

test("everything wrong is told at once, at its line and column, in the order of the file", () => {
  const text = [
    "people:",
    "  - { id: alice, name: Alice, emial: x, groups: [nope] }",
    "agents:",
    "  - id: bot",
    "    name: Bot",
    "    owner: ghost",
    "targets:",
    "  crm: { kind: mysql }",
  ].join("\n");
  const findings = findingsOf(text);
  expect(findings.map(({ line, column, message }) => `${line}:${column} ${message}`)).toEqual([
    '2:31 unknown key "emial"',
    '2:50 there is no group "nope"',
    '6:12 "ghost" is not a person of this file',
    '8:3 "environment" is missing',
    '8:3 "external" is missing',
    '8:3 "describe" is missing',
    '8:3 "execute" is missing',
    '8:3 "exports" is missing',
    '8:16 "kind" must be "postgres"',
  ]);
  expect(findings[1]).toMatchObject({ file: "c.yaml", pointer: "/people/0/groups/0" });
});

describe("the file is refused when", () => {
  const person = base.people[0];
  const agent = base.agents[0];
  const withPerson = (change: object) => ({ people: [...base.people, { id: "eve", name: "Eve", ...change }] });
  const withAgent = (change: object) => ({ agents: [{ ...agent, ...change }] });
  const withTarget = (change: object) => ({ targets: { crm: { ...target, ...change } } });
  const withIssuer = (change: object) => ({ issuers: [{ ...issuer, ...change }] });

  test.each<[string, object, string]>([
    ["nobody is in it", { people: [], agents: [], issuers: [] }, '"people" needs at least one person'],
    [
      "a person is there twice",
      { people: [...base.people, { ...person, email: null }] },
      'the person "alice" is there twice',
    ],
    [
      "an e-mail address is there twice",
      withPerson({ email: "ALICE@example.com" }),
      'address "alice@example.com" is there twice',
    ],
    ["a group is there twice", { groups: ["data-owners", "data-owners"] }, 'the group "data-owners" is there twice'],
    ["a group is unknown", withPerson({ groups: ["nope"] }), 'there is no group "nope"'],
    ["a name hides something", withPerson({ name: "Eve\u202e" }), '"name" holds a character that cannot be seen'],
    ["an id has a prefix", withPerson({ id: "person:eve" }), '"id" must be lower-case'],
    ["an id is a number", withPerson({ id: 12 }), '"id" must be text; put it in quotes'],
    ["a second account belongs to nobody", withPerson({ same_as: "ghost" }), 'there is no person "ghost"'],
    ["a second account is its own", withPerson({ same_as: "eve" }), "another person than itself"],
    ["second accounts form a chain", withPerson({ same_as: "al2" }), '"al2" is itself a second account, of "alice"'],
    ["a second account has groups", withPerson({ same_as: "alice", groups: ["auditors"] }), 'give them to "alice"'],
    ["the owner is nobody", withAgent({ owner: "ghost" }), '"ghost" is not a person of this file'],
    [
      "the owner is an agent",
      withAgent({ owner: "reporting-bot" }),
      '"reporting-bot" is an agent; an owner is a person',
    ],
    ["the owner is a second account", withAgent({ owner: "al2" }), '"al2" is a second account of "alice"'],
    [
      "the owner is not active",
      { ...withPerson({ active: false }), ...withAgent({ owner: "eve" }) },
      '"eve" is not active, so nobody answers for this agent',
    ],
    [
      "an agent is there twice",
      { agents: [agent, { ...agent, keys: [] }] },
      'the agent "reporting-bot" is there twice',
    ],
    [
      "an agent may do what nobody can",
      withAgent({ actions: ["postgres.drop"] }),
      'there is no action "postgres.drop"',
    ],
    ["an agent may use a target that is not", withAgent({ targets: ["erp"] }), 'there is no target "erp"'],
    ["an agent is in an unknown group", withAgent({ groups: ["nope"] }), 'there is no group "nope"'],
    ["two programs share a key id", { agents: [agent, { ...agent, id: "b2" }] }, 'the key "bot-1" is there twice'],
    ["a key is no key", withAgent({ keys: [{ id: "k", x: "short" }] }), '"x" must be the x of an Ed25519'],
    ["a private key is in it", withAgent({ keys: [{ id: "k", x: X, d: X }] }), 'unknown key "d"'],
    ["a target's kind is unknown", withTarget({ kind: "mysql" }), '"kind" must be "postgres"'],
    ["nobody said whether a target is external", withTarget({ external: undefined }), '"external" is missing'],
    [
      "one role describes and executes",
      withTarget({ describe: { ...target.describe, role: "crm_export" } }),
      "a role of its own",
    ],
    ["one URL describes and executes", withTarget({ describe: { ...access, role: "d" } }), "a URL of its own"],
    [
      "a directory climbs out",
      withTarget({ exports: { directory: "crm/../../etc" } }),
      "directory below the exports directory",
    ],
    [
      "a directory is absolute",
      withTarget({ exports: { directory: "/etc" } }),
      "directory below the exports directory",
    ],
    [
      "a directory is the root itself",
      withTarget({ exports: { directory: "." } }),
      "directory below the exports directory",
    ],
    [
      "a target's secret is one of ours",
      withTarget({ execute: { role: "r", url: { secret: "COUNTERSIGN_DATABASE_URL" } } }),
      '"secret" must be a name such as CRM_EXPORT_URL',
    ],
    [
      "a secret is given instead of named",
      withTarget({ execute: { role: "r", url: "postgres://a:b@c" } }),
      '"url" must be a mapping',
    ],
    [
      "a label names no column",
      withTarget({ labels: { "customers.email": ["pii.email"] } }),
      "must be schema.table.column",
    ],
    ["a label is no label", withTarget({ labels: { "public.c.e": ["PII!"] } }), "must be a label such as pii.email"],
    ["a target's name is no name", { targets: { "../crm": target } }, "must be lower-case letters"],
    ["an issuer has no keys", withIssuer({ jwks_url: undefined }), "exactly one of jwks_url and jwks"],
    ["an issuer has two sets of keys", withIssuer({ jwks: { keys: [{}] } }), "exactly one of jwks_url and jwks"],
    ["an issuer's keys come without TLS", withIssuer({ jwks_url: "http://tokens.example.com/jwks" }), "must be https"],
    ["an issuer vouches for an unknown agent", withIssuer({ agents: { x: "ghost" } }), 'there is no agent "ghost"'],
    [
      "a reason code looks like one of ours",
      { reason_codes: [{ code: "REVIEW_APPROVED", sentence: "x", by: "reviewer" }] },
      '"code" must begin with ORG_',
    ],
    ["a part is unknown", { policies: [] }, 'unknown key "policies"'],
  ])("%s", (_what, change, message) => {
    const messages = messagesOf(change);
    expect(messages.filter((one) => one.includes(message))).toHaveLength(1);
    expect(messages).toHaveLength(1);
  });

  test("an inactive agent has an inactive owner, and that is fine", () => {
    const people = [...base.people, { id: "eve", name: "Eve", active: false }];
    expect(messagesOf({ people, agents: [{ ...agent, owner: "eve", active: false }] })).toEqual([]);
  });
});

describe("a file that is no YAML we take is refused where it goes wrong:", () => {
  const good = stringify(base);
  test.each<[string, string, RegExp, number]>([
    ["nothing at all", "", /the file must be a mapping/, 1],
    ["a list", "- a", /the file must be a mapping/, 1],
    ["a broken quote", `people: []\nagents: "oops`, /quote/i, 2],
    ["the same key twice", `${good}people: []\n`, /unique/i, good.split("\n").length],
    ["two documents", `people: []\n---\npeople: []\n`, /document/i, 2],
    ["a tag that makes something", "people: !!js/function x", /tag/i, 1],
    ["a key JavaScript hides", "people: [{ id: a, name: A }]\ntargets:\n  __proto__: {}", /unknown key "__proto__"/, 3],
  ])("%s", (_what, text, message, line) => {
    const findings = findingsOf(text);
    expect(findings.some((finding) => message.test(finding.message) && finding.line === line)).toBe(true);
  });

  test("references that multiply", () => {
    const levels = Array.from({ length: 9 }, (_, n) => `l${n + 1}: &l${n + 1} [${Array(9).fill(`*l${n}`).join(", ")}]`);
    const findings = findingsOf(["l0: &l0 [x]", ...levels].join("\n"));
    expect(findings.map(({ message }) => message)).toEqual(["the file repeats too much by reference (*alias)"]);
  });

  test("a file of megabytes", () => {
    expect(findingsOf(`# ${"x".repeat(2_000_000)}`)[0]?.message).toMatch(/larger than/);
  });
});

test("a reference used in measure is followed, and a finding inside it has a place", () => {
  const text =
    "groups: &g [data-owners]\npeople:\n  - { id: a, name: A, groups: *g }\n  - { id: b, name: B, same_as: a, groups: *g }";
  expect(findingsOf(text)).toEqual([
    expect.objectContaining({ line: 4, message: expect.stringContaining("second account") }),
  ]);
});

test("the schema for editors names every field of the file", () => {
  const schema = configurationJsonSchema() as { properties: Record<string, unknown>; additionalProperties: boolean };
  expect(Object.keys(schema.properties).sort()).toEqual(
    ["agents", "groups", "issuers", "people", "reason_codes", "slack", "targets"].sort(),
  );
  expect(schema.additionalProperties).toBe(false);
  const text = JSON.stringify(schema);
  for (const field of ["same_as", "on_behalf_of_claim", "note_required", "directory", "secret", "revoked"]) {
    expect(text).toContain(`"${field}"`);
  }
});
