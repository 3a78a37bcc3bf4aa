import { beforeAll, beforeEach, expect, test } from "vitest";
import { stringify } from "yaml";
import type { ChannelsContext } from "../../activities/context.ts";
import { createIdentify } from "../../activities/identify.ts";
import { ChannelFailure } from "../../channels/channel.ts";
import type { SlackUser } from "../../channels/slack/people.ts";
import type { Configuration } from "../../config/configuration.ts";
import { parseConfiguration } from "../../config/yaml.ts";
import type { AccountLink } from "../../core/identification.ts";
import type { HumanMessage } from "../../core/message.ts";
import type { AccountId, PersonId } from "../../core/principal.ts";
import type { Signer } from "../../crypto/types.ts";
import { keepLink } from "../../db/account-links.ts";
import { world } from "../db/world.ts";
import { type TestKeys, testKeys } from "../support/keys.ts";

const w = world();
const NOW = 1_800_000_000_000;
const TEAM = "T01ACME";
const ALICE: AccountId = `slack:${TEAM}/U01ALICE`;
let keys: TestKeys;
/** Slack as this test has it: accounts, what it answers with, how often it was asked. */
let slack: { users: Map<string, SlackUser>; failure: unknown; asked: number };
let now: number;

beforeAll(async () => {
  keys = await testKeys();
});
beforeEach(() => {
  now = NOW;
  slack = { users: new Map(), failure: null, asked: 0 };
  for (const id of ["U01ALICE", "U02BOB"]) slack.users.set(id, { id, team_id: TEAM });
});

function configuration(): Configuration {
  const text = stringify({
    people: [
      { id: "alice", name: "Alice", slack: "U01ALICE" },
      { id: "bob", name: "Bob", email: "bob@example.com" },
    ],
    slack: { team: TEAM, email_domains: ["example.com"] },
  });
  return { ...parseConfiguration(text, "c.yaml"), version: 1, appliedAt: 0, policies: [] };
}

function identify() {
  const context = {
    db: w.app,
    inForce: async () => ({ configuration: configuration() }),
    verifier: () => keys.verifier,
    now: () => now,
    log: { info() {}, warn() {} },
    signer: keys.channels.signer,
    async userInfo(id: string) {
      slack.asked += 1;
      if (slack.failure !== null) throw slack.failure;
      const user = slack.users.get(id);
      if (!user) throw new ChannelFailure("refused", "user_not_found");
      return user;
    },
  };
  return createIdentify(context as unknown as ChannelsContext).identify;
}

async function click(account: AccountId, tweak: Partial<HumanMessage> = {}, signer: Signer = keys.api.signer) {
  const content: HumanMessage = {
    ...{ version: 1, id: "msg_1", requestId: "req_1", digest: "sha256:a", factsDigest: null, verb: "approve" },
    ...{ flag: null, reason: null, note: null, extendSeconds: null, principal: account, channel: "slack" },
    evidence: {
      ...{ method: "slack", credentialId: "A01", surface: "srf_1", conversation: "C01", message: "1.1" },
      shown: "sha256:card",
    },
    signedAt: NOW,
    ...tweak,
  };
  return { signed: await signer.sign("message", content), earlier: [] as AccountId[] };
}

async function linked(account: AccountId, person: PersonId, signer = keys.api.signer) {
  const content: AccountLink = { version: 1, id: `lnk_${Math.random()}`, account, person, at: NOW };
  await keepLink(w.app, await signer.sign("link", content));
}

test("says whose account sent this very message, under the key of channels", async () => {
  const answer = await identify()(await click(ALICE));
  if (!answer.ok) throw new Error(answer.code);
  expect(answer.identification.content).toEqual({
    ...{ version: 1, requestId: "req_1", messageId: "msg_1", account: ALICE, person: "person:alice" },
    ...{ found: "directory", off: [], at: NOW },
  });
  expect(await keys.verifier.verify("identification", answer.identification)).toEqual({ keyId: keys.channels.keyId });
});

test("says nothing for a message that the API did not sign, and does not ask Slack about it", async () => {
  const { signed } = await click(ALICE);
  const altered = { ...signed, content: { ...signed.content, id: "msg_2" } };
  for (const message of [altered, (await click(ALICE, {}, keys.channels.signer)).signed]) {
    expect(await identify()({ signed: message, earlier: [] })).toEqual({ ok: false, code: "REVIEW_SIGNATURE_INVALID" });
  }
  expect(slack.asked).toBe(0);
});

test("says nothing for an answer that did not come from Slack", async () => {
  const session = { method: "session" as const, credentialId: "ses_1" };
  expect(await identify()(await click(ALICE, { evidence: session, channel: "page" }))).toMatchObject({ ok: false });
  const person = await click("person:alice" as unknown as AccountId);
  expect(await identify()(person)).toEqual({ ok: false, code: "REVIEW_SIGNATURE_INVALID" });
});

test.each<[string, SlackUser, string]>([
  ["a guest", { is_restricted: true }, "REVIEW_GUEST"],
  ["somebody whose account was switched off", { deleted: true }, "REVIEW_ACCOUNT_OFF"],
  ["a bot", { is_bot: true }, "REVIEW_ACCOUNT_OFF"],
  ["a stranger of a shared channel", { is_stranger: true }, "REVIEW_OUTSIDER"],
])("%s cannot approve, even with an account that the directory has", async (_who, flags, code) => {
  slack.users.set("U01ALICE", { id: "U01ALICE", team_id: TEAM, ...flags });
  expect(await identify()(await click(ALICE))).toEqual({ ok: false, code });
});

test("an account switched off after its first answer is refused when a minute has passed", async () => {
  const ask = identify();
  expect(await ask(await click(ALICE))).toMatchObject({ ok: true });
  slack.users.set("U01ALICE", { id: "U01ALICE", team_id: TEAM, deleted: true });
  now = NOW + 60_001;
  expect(await ask(await click(ALICE, { signedAt: now }))).toEqual({ ok: false, code: "REVIEW_ACCOUNT_OFF" });
});

test("of those who answered before, it names the accounts that are switched off, guests or gone by now", async () => {
  const earlier: AccountId[] = ["U02BOB", "U03CAROL", "U09GONE"].map((id): AccountId => `slack:${TEAM}/${id}`);
  slack.users.set("U02BOB", { id: "U02BOB", team_id: TEAM });
  slack.users.set("U03CAROL", { id: "U03CAROL", team_id: TEAM, deleted: true });
  const answer = await identify()({ ...(await click(ALICE)), earlier });
  expect(answer.ok && answer.identification.content.off).toEqual(earlier.slice(1));
});

test("an account of another workspace is refused without asking", async () => {
  expect(await identify()(await click("slack:T99OTHER/U01ALICE"))).toEqual({ ok: false, code: "REVIEW_OUTSIDER" });
  expect(await identify()(await click("slack:nonsense"))).toEqual({ ok: false, code: "REVIEW_OUTSIDER" });
  expect(slack.asked).toBe(0);
});

test("an account that Slack does not know is an outsider's", async () => {
  expect(await identify()(await click(`slack:${TEAM}/U09GONE`))).toEqual({ ok: false, code: "REVIEW_OUTSIDER" });
});

test("a link counts when the API signed it, and a row that somebody else wrote does not", async () => {
  const bob: AccountId = `slack:${TEAM}/U02BOB`;
  await linked(bob, "person:alice", keys.operator.signer);
  expect(await identify()(await click(bob))).toEqual({ ok: false, code: "REVIEW_NOT_LINKED" });
  await linked(bob, "person:bob");
  expect(await identify()(await click(bob))).toMatchObject({
    identification: { content: { person: "person:bob", found: "link" } },
  });
  const other: SlackUser = {
    id: "U05NEW",
    team_id: TEAM,
    is_email_confirmed: true,
    profile: { email: "bob@example.com" },
  };
  slack.users.set("U05NEW", other);
  expect(await identify()(await click(`slack:${TEAM}/U05NEW`))).toEqual({ ok: false, code: "REVIEW_NOT_LINKED" });
});

test("when Slack cannot be asked nobody is refused: it is tried again, after the time that Slack wants", async () => {
  slack.failure = new ChannelFailure("later", "ratelimited", 7_000);
  await expect(identify()(await click(ALICE))).rejects.toMatchObject({ nonRetryable: false, nextRetryDelay: 7_000 });
  slack.failure = new ChannelFailure("uncertain", "timeout");
  await expect(identify()(await click(ALICE))).rejects.toMatchObject({ nonRetryable: false });
});

test("what only the set-up can mend is not tried again, so the person is told at once", async () => {
  slack.failure = new ChannelFailure("refused", "invalid_auth");
  await expect(identify()(await click(ALICE))).rejects.toMatchObject({ nonRetryable: true });
});
