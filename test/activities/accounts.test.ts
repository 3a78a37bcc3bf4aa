import { beforeAll, expect, test } from "vitest";
import { stringify } from "yaml";
import { accountsOf } from "../../activities/accounts.ts";
import type { Configuration } from "../../config/configuration.ts";
import { parseConfiguration } from "../../config/yaml.ts";
import type { AccountLink } from "../../core/identification.ts";
import type { AccountId, PersonId } from "../../core/principal.ts";
import { keepLink } from "../../db/account-links.ts";
import { NOON } from "../db/fixture.ts";
import { world } from "../db/world.ts";
import { type TestKeys, testKeys } from "../support/keys.ts";

const w = world();
let keys: TestKeys;
beforeAll(async () => {
  keys = await testKeys();
});

function configuration(): Configuration {
  const text = stringify({
    people: [
      { id: "alice", name: "Alice", slack: "U01ALICE" },
      { id: "bob", name: "Bob" },
      { id: "bob-private", name: "Bob", same_as: "bob" },
      { id: "carol", name: "Carol" },
      { id: "dave", name: "Dave" },
      { id: "dave-work", name: "Dave", same_as: "dave", slack: "U05DAVE" },
    ],
    slack: { team: "T01ACME" },
  });
  return { ...parseConfiguration(text, "c.yaml"), version: 1, appliedAt: 0, policies: [] };
}

async function linked(id: string, account: AccountId, person: PersonId, signer = keys.api.signer) {
  const content: AccountLink = { version: 1, id, account, person, at: NOON };
  await keepLink(w.app, await signer.sign("link", content));
}

const of = (...people: PersonId[]) => accountsOf({ db: w.app, verifier: () => keys.verifier }, configuration(), people);

test("the directory says where somebody is told something, and where it says nothing, what they linked", async () => {
  await linked("lnk_a", "slack:T01ACME/U09OTHER", "person:alice");
  await linked("lnk_b", "slack:T01ACME/U02BOB", "person:bob-private");
  const found = await of("person:alice", "person:bob", "person:carol", "person:dave");
  expect(Object.fromEntries(found)).toEqual({
    "person:alice": "slack:T01ACME/U01ALICE",
    "person:bob": "slack:T01ACME/U02BOB",
    "person:dave": "slack:T01ACME/U05DAVE",
  });
});

test("a link that the API did not sign, or to another workspace, leads nowhere", async () => {
  await linked("lnk_c", "slack:T01ACME/U03CAROL", "person:carol", keys.channels.signer);
  await linked("lnk_d", "slack:T99OTHER/U03CAROL", "person:carol");
  expect(await of("person:carol")).toEqual(new Map());
});

test("nobody is asked about whom nobody asked", async () => {
  expect(await of()).toEqual(new Map());
});
