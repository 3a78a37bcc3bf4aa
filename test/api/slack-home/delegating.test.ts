import { afterAll, beforeAll, expect, test } from "vitest";
import { ACCOUNTS } from "../../support/slack/workspace.ts";
import { recordPending } from "../fixture.ts";
import { accountOf, type Desk, desk, wordsOf } from "./fixture.ts";

let d: Desk;
let now = Date.now();
beforeAll(async () => {
  d = await desk({ now: () => now });
});
afterAll(() => d.stop());

const mention = (who: keyof typeof ACCOUNTS) => `<@${ACCOUNTS[who]}|${who}>`;
const standsFor = async (who: "erin" | "bob" | "omar") => {
  const identified = await d.slack.identify(accountOf(who));
  return identified.kind === "person" ? identified.identity.standsFor : null;
};
const orders = async () => {
  return d.api.admin.sql<{ type: string; by: string; data: Record<string, unknown> }[]>`
    select type, by, data from audit_events where type like 'delegation.%' order by seq`;
};

test("a colleague answers for somebody who is away, both are told, and it ends when it is ended", async () => {
  now += 1_000;
  const answer = wordsOf(await d.type("alice", `delegate ${mention("erin")} 3d`));
  expect(answer).toContain(`<@${ACCOUNTS.erin}> answers for you until`);
  expect(answer).toContain("your place counts once");
  expect(answer).not.toContain("could not be told");
  expect(await standsFor("erin")).toMatchObject([{ person: "person:alice", until: now + 3 * 86_400_000 }]);
  const told = await d.double.privately(ACCOUNTS.erin);
  expect(told.map((one) => wordsOf(one)).join("\n")).toContain("Alice Ahmadi is away and named you");

  now += 1_000;
  expect(wordsOf(await d.type("alice", "delegate off"))).toContain("Erin Eriksen no longer answers for you");
  expect(await standsFor("erin")).toEqual([]);
  expect((await d.double.privately(ACCOUNTS.erin)).map((one) => wordsOf(one)).join("\n")).toContain("is back");
  expect((await orders()).map(({ type, by, data }) => [type, by, data.account])).toEqual([
    ["delegation.ordered", "person:alice", accountOf("alice")],
    ["delegation.ended", "person:alice", accountOf("alice")],
  ]);
  expect(wordsOf(await d.type("alice", "delegate off"))).toContain("nothing to end");
});

test("an owner may name a stand-in, who still cannot answer what the owner may not answer", async () => {
  await recordPending(d.api, "req_owners");
  const dana = await d.browser("person:dana");
  const until = new Date(now + 86_400_000).toISOString().slice(0, 10);
  expect((await dana.post("/account/delegation", "/account", { to: "person:omar", until })).status).toBe(303);
  expect(await standsFor("omar")).toMatchObject([{ person: "person:dana" }]);
  const { body } = await d.api.as("person:omar").get<{ allowedVerbs: string[] }>("/v1/requests/req_owners");
  expect(body.allowedVerbs).not.toContain("approve");
  expect((await dana.post("/account/delegation/end", "/account", {})).status).toBe(303);
});

test("whoever stands in sees what waits for the one who is away, and no longer than that", async () => {
  await recordPending(d.api, "req_away");
  expect((await d.api.as("person:omar").get<{ items: unknown[] }>("/v1/requests?waitingFor=me")).body.items).toEqual(
    [],
  );
  now += 1_000;
  await d.type("alice", `delegate ${mention("omar")} 2h`);
  const waiting = await d.api
    .as("person:omar")
    .get<{ items: { id: string; allowedVerbs: string[] }[] }>("/v1/requests?waitingFor=me");
  expect(waiting.body.items.map((item) => item.id)).toContain("req_away");
  expect(waiting.body.items[0]?.allowedVerbs).toContain("approve");
  expect(wordsOf(await d.type("omar", ""))).toContain("Export 12,400 rows of customers");
  now += 2 * 3_600_000;
  expect(wordsOf(await d.type("omar", ""))).toContain("Nothing waits for you");
});

test("nobody delegates to themselves, to an account that is nobody's, to a guest, or for longer than 30 days", async () => {
  const before = (await orders()).length;
  for (const [words, why] of [
    [`delegate ${mention("alice")} 3d`, "name somebody else"],
    [`delegate ${mention("carol")} 3d`, "Nobody in the directory has this account"],
    [`delegate ${mention("guest")} 3d`, "Guests of the workspace cannot answer"],
    [`delegate ${mention("bob")} 5w`, "At most 30 days"],
    [`delegate ${mention("bob")} until 2001-01-01`, "over"],
  ] as const) {
    expect(wordsOf(await d.type("alice", words))).toContain(why);
  }
  expect(await orders()).toHaveLength(before);
});

test("a delegation to one colleague ends the one before", async () => {
  now += 1_000;
  await d.type("alice", `delegate ${mention("erin")} 3d`);
  now += 1_000;
  await d.type("alice", `delegate ${mention("bob")} 3d`);
  expect(await standsFor("erin")).toEqual([]);
  expect(await standsFor("bob")).toMatchObject([{ person: "person:alice" }]);
  const page = (await (await d.browser("person:bob")).get("/account")).html;
  expect(page).toContain("You answer for");
});

test("the form of the page refuses what the command refuses", async () => {
  const alice = await d.browser("person:alice");
  const far = new Date(now + 60 * 86_400_000).toISOString().slice(0, 10);
  const soon = new Date(now + 86_400_000).toISOString().slice(0, 10);
  const sent = async (to: string, until: string) =>
    (await alice.post("/account/delegation", "/account", { to, until })).status;
  expect(await sent("person:alice", soon)).toBe(409);
  expect(await sent("person:nobody", soon)).toBe(409);
  expect(await sent("person:bob", far)).toBe(409);
  expect(await sent("person:bob", "soon")).toBe(400);
});
