import { afterAll, beforeAll, expect, test } from "vitest";
import { accountOf, buttonsOf, type Desk, desk, wordsOf } from "./fixture.ts";

let d: Desk;
let now = Date.now();
beforeAll(async () => {
  d = await desk({ now: () => now });
});
afterAll(() => d.stop());

const events = async () => {
  const rows = await d.api.admin.sql<{ type: string; data: Record<string, unknown> }[]>`
    select type, data from audit_events where type like 'account.%' order by seq`;
  return rows.map(({ type, data }) => ({ type, account: data.account, person: data.person }));
};

/** The address that `/approvals link` gave, without its host. */
async function linkFor(who: "carol" | "frank" | "dana"): Promise<string> {
  const [button] = buttonsOf(await d.type(who, "link"));
  return (button?.url ?? "none").slice(d.api.url.length);
}

const tokenOf = (path: string) => ({ token: path.replace(/^.*token=/, "") });

test("a link token works once, for the account that asked for it, and only after the form was sent", async () => {
  const path = await linkFor("carol");
  const carol = await d.browser("person:carol");
  const page = await carol.get(path);
  expect(page.status).toBe(200);
  expect(page.html).toContain("U0CAROL01");
  expect(await d.slack.identify(accountOf("carol"))).toEqual({ kind: "refused", code: "REVIEW_NOT_LINKED" });

  expect((await carol.post("/link", path, tokenOf(path))).status).toBe(303);
  expect(await d.slack.identify(accountOf("carol"))).toMatchObject({
    kind: "person",
    identity: { id: "person:carol", method: "slack" },
  });
  expect(await d.slack.identify(accountOf("frank"))).toMatchObject({ kind: "refused" });
  expect(await events()).toEqual([{ type: "account.linked", account: accountOf("carol"), person: "person:carol" }]);

  const again = await (await d.browser("person:frank")).get(path);
  expect(again.status).toBe(409);
  expect(again.html).toContain("used before");
});

test("whoever is not signed in signs in first, and nothing is linked by looking", async () => {
  const path = await linkFor("frank");
  const response = await d.api.call(path);
  expect(response.status).toBe(302);
  expect(response.headers.get("location")).toBe(`/sign-in?next=${encodeURIComponent(path)}`);
  const frank = await d.browser("person:frank");
  for (let times = 0; times < 3; times += 1) expect((await frank.get(path)).status).toBe(200);
  expect(await d.slack.identify(accountOf("frank"))).toMatchObject({ kind: "refused" });
});

test("a form that no page of this session gave out links nothing", async () => {
  const path = await linkFor("frank");
  const frank = await d.browser("person:frank");
  const dana = await d.browser("person:dana");
  const [, foreign = ""] = /name="csrf" value="([^"]+)"/.exec((await dana.get(path)).html) ?? [];
  expect((await frank.post("/link", path, { ...tokenOf(path), csrf: foreign })).status).toBe(403);
  expect(await d.slack.identify(accountOf("frank"))).toMatchObject({ kind: "refused" });
});

test("a link is over after a quarter of an hour", async () => {
  const path = await linkFor("frank");
  now += 15 * 60_000;
  const page = await (await d.browser("person:frank")).get(path);
  expect(page.status).toBe(409);
});

test("of two who use one token at once, one gets the account", async () => {
  const path = await linkFor("frank");
  const both = await Promise.all([d.browser("person:frank"), d.browser("person:dana")]);
  const answers = await Promise.all(both.map((one) => one.post("/link", path, tokenOf(path))));
  expect(answers.map((one) => one.status).sort()).toEqual([303, 409]);
});

test("an account of the directory, a guest's, a bot's and a stranger's are given no link", async () => {
  expect(wordsOf(await d.type("alice", "link"))).toContain("Alice Ahmadi's already");
  for (const who of ["guest", "bot", "stranger"] as const) {
    const answer = await d.type(who, "link");
    expect(buttonsOf(answer)).toEqual([]);
    expect(JSON.stringify(answer)).not.toContain("token=");
  }
});

test("an account that became somebody else's meanwhile is not linked, whoever holds the token", async () => {
  const [first, second] = [await linkFor("dana"), await linkFor("dana")];
  const dana = await d.browser("person:dana");
  expect((await dana.post("/link", first, tokenOf(first))).status).toBe(303);
  const omar = await d.browser("person:omar");
  const page = await omar.get(second);
  expect(page.status).toBe(409);
  expect(page.html).toContain("somebody else");
  expect(page.html).not.toContain("Dana");
  expect((await omar.post("/link", "/account", tokenOf(second))).status).toBe(409);
  expect(await d.slack.identify(accountOf("dana"))).toMatchObject({ identity: { id: "person:dana" } });
});

test("who linked an account sees it and ends it; nobody else can, and what operators wrote down stays", async () => {
  const carol = await d.browser("person:carol");
  expect((await carol.get("/account")).html).toContain("U0CAROL01");
  const fields = { account: accountOf("carol") };
  const omar = await d.browser("person:omar");
  expect((await omar.post("/account/links/end", "/account", fields)).status).toBe(409);
  expect(await d.slack.identify(accountOf("carol"))).toMatchObject({ kind: "person" });

  expect((await carol.post("/account/links/end", "/account", fields)).status).toBe(303);
  expect(await d.slack.identify(accountOf("carol"))).toEqual({ kind: "refused", code: "REVIEW_NOT_LINKED" });
  expect((await events()).at(-1)).toEqual({
    ...{ type: "account.unlinked", account: accountOf("carol"), person: "person:carol" },
  });

  const alice = await d.browser("person:alice");
  expect((await alice.get("/account")).html).toContain("written down by your operators");
  expect((await alice.post("/account/links/end", "/account", { account: accountOf("alice") })).status).toBe(409);
  expect(await d.slack.identify(accountOf("alice"))).toMatchObject({ kind: "person" });
});

test("a link that nobody signed links nobody", async () => {
  const content = { version: 1, id: "lnk_forged", account: accountOf("carol"), person: "person:omar", at: now };
  await d.api.admin.sql`insert into account_links (id, account, person, content, jws, at)
    values ('lnk_forged', ${content.account}, ${content.person}, ${JSON.stringify(content)}::text::json, 'e30.e30.AA', now())`;
  expect(await d.slack.identify(accountOf("carol"))).toEqual({ kind: "refused", code: "REVIEW_NOT_LINKED" });
});
