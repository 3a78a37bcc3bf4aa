import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { peopleWithAddress, personOf, type SlackUser, userProblem } from "../../../channels/slack/people.ts";
import type { Configuration } from "../../../config/configuration.ts";
import { parseConfiguration } from "../../../config/yaml.ts";
import type { AccountLink } from "../../../core/identification.ts";
import type { AccountId, PersonId } from "../../../core/principal.ts";

const TEAM = "T01ACME";
const account = (user: string): AccountId => `slack:${TEAM}/${user}`;
const file = {
  people: [
    { id: "alice", name: "Alice", slack: "U01ALICE", email: "alice@example.com" },
    { id: "bob", name: "Bob", email: "bob@example.com" },
    { id: "kim", name: "Kim", email: "kim@example.com" },
    { id: "dana", name: "Dana", email: "dana@example.com", slack: "U04DANA" },
    { id: "dana-private", name: "Dana", email: "dd@example.com", same_as: "dana" },
  ],
  agents: [{ id: "bot", name: "Bot", owner: "dana", slack: "U09BOT" }],
};

function configuration(slack: object = {}, more: Partial<Configuration> = {}): Configuration {
  const draft = parseConfiguration(stringify({ ...file, slack: { team: TEAM, ...slack } }), "c.yaml");
  return { ...draft, version: 1, appliedAt: 0, policies: [], ...more };
}

const member = (id: string, more: Partial<SlackUser> = {}): SlackUser => {
  return { id, team_id: TEAM, deleted: false, is_bot: false, is_email_confirmed: true, ...more };
};
const withEmail = (id: string, email: string, more: Partial<SlackUser> = {}) =>
  member(id, { profile: { email }, ...more });
const link = (user: string, person: PersonId, at = 1): AccountLink => {
  return { version: 1, id: `lnk_${user}_${at}`, account: account(user), person, at };
};
const whose = (user: string, more: Partial<Parameters<typeof personOf>[1]> = {}) =>
  personOf(account(user), { configuration: configuration(), links: [], user: member(user), ...more });
const refused = (code: string) => ({ ok: false, code });

describe("an account is", () => {
  test("the person's whose directory entry has it", () => {
    expect(whose("U01ALICE")).toEqual({ ok: true, person: "person:alice", found: "directory" });
  });

  test("the person's who linked it, until they link it to nobody else's entry", () => {
    expect(whose("U02BOB", { links: [link("U02BOB", "person:bob")] })).toEqual({
      ...{ ok: true, person: "person:bob", found: "link" },
    });
    const links = [link("U02BOB", "person:bob", 1), link("U02BOB", "person:kim", 2)];
    expect(whose("U02BOB", { links })).toMatchObject({ person: "person:kim" });
  });

  test("nobody's while nothing says whose it is", () => {
    expect(whose("U07NEW")).toEqual(refused("REVIEW_NOT_LINKED"));
  });
});

test("a link never overrides the directory", () => {
  expect(whose("U01ALICE", { links: [link("U01ALICE", "person:bob", 9)] })).toEqual({
    ...{ ok: true, person: "person:alice", found: "directory" },
  });
});

test("a link of one account says nothing of another", () => {
  expect(whose("U07NEW", { links: [link("U02BOB", "person:bob")] })).toEqual(refused("REVIEW_NOT_LINKED"));
});

test("a link to somebody who is no longer in the directory is nobody's", () => {
  expect(whose("U02BOB", { links: [link("U02BOB", "person:gone")] })).toEqual(refused("REVIEW_NOT_LINKED"));
});

test("an account linked to an agent never decides, whatever else is linked to it", () => {
  expect(whose("U09BOT", { links: [link("U09BOT", "person:bob")] })).toEqual(refused("REVIEW_AGENT_ACCOUNT"));
});

test("an account of two entries is nobody's", () => {
  const twice = configuration();
  const people = twice.directory.people.map((person) => ({ ...person, accounts: [account("U05TWICE")] }));
  const duplicate = { ...twice, directory: { ...twice.directory, people } };
  expect(whose("U05TWICE", { configuration: duplicate })).toEqual(refused("REVIEW_NOT_LINKED"));
});

test("what Slack said of another account is never believed of this one", () => {
  expect(whose("U01ALICE", { user: member("U02BOB") })).toEqual(refused("REVIEW_OUTSIDER"));
});

test("an account of another workspace is an outsider's, also under a name that the directory has", () => {
  const foreign = personOf("slack:T99OTHER/U01ALICE", {
    ...{ configuration: configuration(), links: [], user: member("U01ALICE") },
  });
  expect(foreign).toEqual(refused("REVIEW_OUTSIDER"));
});

test("without a Slack section nobody answers from Slack", () => {
  expect(whose("U01ALICE", { configuration: configuration({}, { slack: null }) })).toEqual(
    refused("REVIEW_CHANNEL_NOT_ALLOWED"),
  );
});

describe("an address stands for a person", () => {
  const open = configuration({ email_domains: ["example.com"] });
  const by = (user: SlackUser, links: AccountLink[] = []) =>
    personOf(account(user.id ?? ""), { configuration: open, links, user });

  test("when operators allow its domain, Slack has confirmed it and it is exactly theirs", () => {
    expect(by(withEmail("U02BOB", "Bob@Example.com"))).toEqual({ ok: true, person: "person:bob", found: "email" });
  });

  test("and not unless operators allow it", () => {
    expect(whose("U02BOB", { user: withEmail("U02BOB", "bob@example.com") })).toEqual(refused("REVIEW_NOT_LINKED"));
  });

  test.each<[string, SlackUser]>([
    ["Slack has not confirmed it", withEmail("U02BOB", "bob@example.com", { is_email_confirmed: false })],
    ["its domain only ends alike", withEmail("U02BOB", "bob@evil-example.com")],
    ["its domain is below the allowed one", withEmail("U02BOB", "bob@mail.example.com")],
    ["it carries the allowed domain in front of its own", withEmail("U02BOB", "bob@example.com@evil.test")],
    ["it is somebody's with something added", withEmail("U02BOB", "bob+1@example.com")],
    ["it looks like somebody's: a Kelvin sign for a k", withEmail("U02BOB", "\u212aim@example.com")],
    ["it looks like somebody's: a Cyrillic о", withEmail("U02BOB", "b\u043eb@example.com")],
    ["it hides a character", withEmail("U02BOB", "bob\u200b@example.com")],
    ["there is none", member("U02BOB")],
    ["its person has an account in the directory", withEmail("U08NEW", "alice@example.com")],
    ["its person's other entry has one", withEmail("U08NEW", "dd@example.com")],
  ])("and not when %s", (_what, user) => {
    expect(by(user)).toEqual(refused("REVIEW_NOT_LINKED"));
  });

  test("and not when they have linked another account themselves", () => {
    expect(by(withEmail("U08NEW", "bob@example.com"), [link("U02BOB", "person:bob")])).toEqual(
      refused("REVIEW_NOT_LINKED"),
    );
  });

  test("and nobody when two entries have it", () => {
    const people = open.directory.people.map((person) =>
      person.id === "person:kim" ? { ...person, email: "BOB@example.com" } : person,
    );
    const twice = { ...open, directory: { ...open.directory, people } };
    const user = withEmail("U02BOB", "bob@example.com");
    expect(personOf(account("U02BOB"), { configuration: twice, links: [], user })).toEqual(
      refused("REVIEW_NOT_LINKED"),
    );
  });

  test("and an account that is linked stays the linked person's when its address changes", () => {
    expect(by(withEmail("U02BOB", "kim@example.com"), [link("U02BOB", "person:bob")])).toMatchObject({
      ...{ person: "person:bob", found: "link" },
    });
  });

  test("for any address: never for more than the one who has exactly it", () => {
    fc.assert(
      fc.property(fc.emailAddress(), fc.boolean(), (email, confirmed) => {
        const found = peopleWithAddress(open, withEmail("U02BOB", email, { is_email_confirmed: confirmed }));
        for (const person of found) expect([person.email, confirmed]).toEqual([email.toLowerCase(), true]);
      }),
    );
  });
});

describe("nobody answers from an account that is", () => {
  test.each<[string, Partial<SlackUser>, string]>([
    ["switched off", { deleted: true }, "REVIEW_ACCOUNT_OFF"],
    ["a bot's", { is_bot: true }, "REVIEW_ACCOUNT_OFF"],
    ["a workflow's", { is_workflow_bot: true }, "REVIEW_ACCOUNT_OFF"],
    ["a connector's", { is_connector_bot: true }, "REVIEW_ACCOUNT_OFF"],
    ["Slackbot's", { id: "USLACKBOT" }, "REVIEW_ACCOUNT_OFF"],
    ["invited and has not come yet", { is_invited_user: true }, "REVIEW_ACCOUNT_OFF"],
    ["a guest of several channels", { is_restricted: true }, "REVIEW_GUEST"],
    ["a guest of one channel", { is_restricted: true, is_ultra_restricted: true }, "REVIEW_GUEST"],
    ["a stranger from a shared channel", { is_stranger: true }, "REVIEW_OUTSIDER"],
    ["of another workspace", { team_id: "T99OTHER" }, "REVIEW_OUTSIDER"],
  ])("%s", (_what, flags, code) => {
    expect(userProblem(member("U01ALICE", flags), TEAM)).toBe(code);
  });

  test("without a word about its workspace", () => {
    const { team_id: _none, ...user } = member("U01ALICE");
    expect(userProblem(user, TEAM)).toBe("REVIEW_OUTSIDER");
  });

  test("and a full member may, also one whose home is another workspace of the same organisation", () => {
    expect(userProblem(member("U01ALICE"), TEAM)).toBeNull();
    const grid = member("W01ALICE", { team_id: "T99HOME", enterprise_user: { teams: ["T99HOME", TEAM] } });
    expect(userProblem(grid, TEAM)).toBeNull();
  });
});
