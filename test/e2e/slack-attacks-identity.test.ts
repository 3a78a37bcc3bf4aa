import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { RequestView } from "../../api/contract/request.ts";
import { reviewPolicy, SLACK_CONFIGURATION } from "../support/configuration.ts";
import { type Attacker, attackerOf } from "../support/slack/attacker.ts";
import { ACCOUNTS, type Account, CHANNELS, FLAGS } from "../support/slack/workspace.ts";
import { type Stack, startStack } from "../support/stack.ts";

const needing = (approvals: string) => reviewPolicy(`approvals: [${approvals}]\ntimeout: 10m`);
const ONE = needing("{ from: group:data-owners, count: 1 }");
const TWO = needing("{ from: group:data-owners, count: 2 }");
let stack: Stack;
let attacker: Attacker;

beforeAll(async () => {
  const servers = { postgresUrl: inject("postgresUrl"), temporalAddress: inject("temporalAddress") };
  stack = await startStack({ ...servers, policies: ONE, slack: { transport: "http" } });
  attacker = attackerOf(stack);
}, 60_000);
afterAll(() => stack?.stop());

const read = async (id: string): Promise<RequestView> =>
  (await stack.as("person:omar").get<RequestView>(`/v1/requests/${id}`)).body;
const filled = ({ requirement }: RequestView) =>
  (requirement?.slots ?? []).flatMap((slot) => slot.filledBy.map((one) => one.id));
const click = (account: Account, ts: string, element = "countersign.approve") =>
  stack.slack.click(ACCOUNTS[account], CHANNELS.approvals, ts, element);

/** The click is made, the person is told why it did not count, and nothing has happened. */
async function refused(account: Account, words: RegExp): Promise<void> {
  const { request, card } = await attacker.asked();
  await click(account, card.ts);
  await attacker.told(account, words);
  const now = await read(request.id);
  expect([now.status, filled(now)]).toEqual(["pending", []]);
}

describe("attack 6: guest, bot, deactivated", () => {
  // Even when the directory names the account: what Slack says of it comes first.
  const known = SLACK_CONFIGURATION.replace(ACCOUNTS.alice, ACCOUNTS.guest).replace(ACCOUNTS.bob, ACCOUNTS.bot);
  beforeAll(() => stack.apply(ONE, known));
  afterAll(() => stack.apply(ONE));

  test("a guest cannot approve", () => refused("guest", /Guests of the workspace cannot answer/));
  test("a bot cannot approve", () => refused("bot", /switched off or is a bot's/));
  test("a deactivated account cannot approve", async () => {
    stack.slack.proxy.strictness.users.set(ACCOUNTS.carol, { deleted: true });
    await refused("carol", /switched off or is a bot's/);
    stack.slack.proxy.strictness.users.delete(ACCOUNTS.carol);
  });
});

test("attack 6: deactivated between the first review and the quorum, the first one counts no more", async () => {
  await stack.apply(TWO);
  const { request, card } = await attacker.asked();
  await click("bob", card.ts);
  await attacker.told("bob", /Recorded: you approved/);
  stack.slack.proxy.strictness.users.set(ACCOUNTS.bob, { deleted: true });
  await click("alice", card.ts);
  await attacker.told("alice", /Recorded: you approved/);
  const now = await read(request.id);
  expect([now.status, filled(now)]).toEqual(["pending", ["person:alice"]]);
  stack.slack.proxy.strictness.users.delete(ACCOUNTS.bob);
  await stack.apply(ONE);
});

describe("attack 7: duplicate or look-alike mapping, changed e-mail", () => {
  const byAddress = SLACK_CONFIGURATION.replace(`slack: ${ACCOUNTS.alice}, `, "").replace(
    "  block_style:",
    "  email_domains: [example.com]\n  block_style:",
  );
  const address = (email: string, is_email_confirmed = true) =>
    stack.slack.proxy.strictness.users.set(ACCOUNTS.guest, { profile: { email }, is_email_confirmed });
  beforeAll(() => stack.apply(ONE, byAddress));
  afterAll(async () => {
    stack.slack.proxy.strictness.users.set(ACCOUNTS.guest, FLAGS.guest);
    await stack.apply(ONE);
  });

  test("the same account on two people is not applied", async () => {
    const twice = SLACK_CONFIGURATION.replace(ACCOUNTS.bob, ACCOUNTS.alice);
    await expect(stack.apply(ONE, twice)).rejects.toMatchObject({ code: "CONFIGURATION_INVALID" });
  });
  test.each<[string, string, boolean?]>([
    ["an address that was not confirmed", "alice@example.com", false],
    ["an address with a letter that only looks the same", "аlice@example.com"],
    ["an address of another domain", "alice@example.com.evil.org"],
    ["the address of somebody who has an account", "bob@example.com"],
  ])("%s stands for nobody", async (_what, email, confirmed) => {
    address(email, confirmed ?? true);
    await refused("guest", /Nobody in the directory has this account/);
  });
  test("whoever changes their address to somebody else's is not that person once that person has an account", async () => {
    await stack.apply(ONE);
    address("alice@example.com");
    await refused("guest", /Nobody in the directory has this account/);
  });
});

describe("attack 8: one person with several accounts and a token", () => {
  const both = SLACK_CONFIGURATION.replace(ACCOUNTS.alice, `[${ACCOUNTS.alice}, ${ACCOUNTS.guest}]`);
  beforeAll(async () => {
    stack.slack.proxy.strictness.users.set(ACCOUNTS.guest, {});
    await stack.apply(TWO, both);
  });
  afterAll(async () => {
    stack.slack.proxy.strictness.users.set(ACCOUNTS.guest, FLAGS.guest);
    await stack.apply(ONE);
  });

  test("counts once, whatever they answer with", async () => {
    const { request, card } = await attacker.asked();
    await click("alice", card.ts);
    await attacker.told("alice", /Recorded/);
    await click("guest", card.ts);
    await attacker.told("guest", /Recorded/);
    expect((await stack.as("person:alice").review(request.id, "approve")).status).toBe(200);
    const now = await read(request.id);
    expect([now.status, filled(now)]).toEqual(["pending", ["person:alice"]]);
  });
  test("counts not at all as the owner of the agent, nor through the owner's second account", async () => {
    const { request, card } = await attacker.asked();
    for (const account of ["dana", "dana-private"] as const) {
      await click(account, card.ts);
      await attacker.told(account, /You own the agent that asks/);
    }
    expect(filled(await read(request.id))).toEqual([]);
  });
});

test("attack 9: being in the conversation is not being in the group", async () => {
  await refused("carol", /not in a group that may answer/);
});

test("attack 10: whoever joins a Slack user group after the request cannot answer it", async () => {
  const imported = SLACK_CONFIGURATION.replace(/^groups: \[/m, "groups: [slack-oncall, ").replace(
    "  block_style:",
    "  user_groups: { slack-oncall: S0ONCALL1 }\n  block_style:",
  );
  const policy = needing("{ from: group:slack-oncall, count: 1 }");
  const { userGroups } = stack.slack.proxy.strictness;
  userGroups.set("S0ONCALL1", [ACCOUNTS.frank]);
  await stack.apply(policy, imported);
  const { request, card } = await attacker.asked();
  userGroups.set("S0ONCALL1", [ACCOUNTS.frank, ACCOUNTS.carol]);
  await stack.apply(policy, imported);
  await click("carol", card.ts);
  await attacker.told("carol", /not in a group that may answer/);
  const later = await attacker.asked();
  await click("carol", later.card.ts);
  await attacker.told("carol", /Recorded: you approved/);
  expect(filled(await read(request.id))).toEqual([]);
  await click("frank", card.ts);
  await stack.as("person:omar").until(request.id, "succeeded");
  await stack.apply(ONE);
});

test("attack 15: an account that is an agent's decides nothing, whoever it also is", async () => {
  const agents = SLACK_CONFIGURATION.replace("id: other-bot,", `id: other-bot, slack: ${ACCOUNTS.omar},`).replace(
    `slack: ${ACCOUNTS.omar}, name: Omar`,
    "name: Omar",
  );
  await stack.apply(ONE, agents);
  await refused("omar", /an agent's, and agents do not review/);
  await stack.apply(ONE);
});
