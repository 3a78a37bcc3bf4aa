import { expect, test } from "vitest";
import type { AccountLink } from "../../core/identification.ts";
import type { AccountId, PersonId } from "../../core/principal.ts";
import type { Signed } from "../../core/request.ts";
import {
  consumeLinkToken,
  createLinkToken,
  endLink,
  keepLink,
  linkOf,
  linksAbout,
  linkTokenAccount,
} from "../../db/account-links.ts";
import { codeOf } from "../../db/client.ts";
import { NOON } from "./fixture.ts";
import { world } from "./world.ts";

const w = world();
let count = 0;
const newAccount = (): AccountId => `slack:T01/U${String(++count).padStart(4, "0")}`;
const link = (account: AccountId, person: PersonId, tweak: Partial<AccountLink> = {}): Signed<AccountLink> => {
  const content: AccountLink = { version: 1, id: `lnk_${++count}`, account, person, at: NOON, ...tweak };
  return { content, jws: `jws of ${content.id}` };
};
const eventsAbout = (id: string) =>
  w.admin.sql<{ type: string; by: string }[]>`
    select type, by from audit_events where body::json -> 'data' -> 'data' ->> 'id' = ${id} order by id`;

test("a token links the account that asked for it, once, however many try at the same moment", async () => {
  const account = newAccount();
  await createLinkToken(w.app, { hash: "once", account, createdAt: NOON, expiresAt: NOON + 1_000 });
  expect(await linkTokenAccount(w.app, "once", NOON)).toBe(account);
  const tries = await Promise.all(Array.from({ length: 10 }, () => consumeLinkToken(w.app, "once", NOON)));
  expect(tries.filter((one) => one !== null)).toEqual([account]);
  expect(await linkTokenAccount(w.app, "once", NOON)).toBeNull();
});

test("a token is worth nothing after its time, and an unknown one never was", async () => {
  await createLinkToken(w.app, { hash: "late", account: newAccount(), createdAt: NOON, expiresAt: NOON + 1_000 });
  expect(await consumeLinkToken(w.app, "late", NOON + 1_000)).toBeNull();
  expect(await consumeLinkToken(w.app, "never", NOON)).toBeNull();
});

test("a link comes back as it was signed, and the record tells who made it", async () => {
  const account = newAccount();
  const signed = link(account, "person:alice");
  await keepLink(w.app, signed);
  await keepLink(w.app, signed);
  expect(await linkOf(w.app, account)).toEqual(signed);
  expect(await eventsAbout(signed.content.id)).toEqual([{ type: "account.linked", by: "person:alice" }]);
});

test("the newest link of an account is the only one it has", async () => {
  const account = newAccount();
  await keepLink(w.app, link(account, "person:alice"));
  const newer = link(account, "person:bob", { at: NOON + 1 });
  await keepLink(w.app, newer);
  expect(await linkOf(w.app, account)).toEqual(newer);
});

test("a link that was ended is gone, once, and the record tells who ended it", async () => {
  const account = newAccount();
  const signed = link(account, "person:alice");
  await keepLink(w.app, signed);
  expect(await endLink(w.app, account, NOON + 1, "person:alice")).toBe(true);
  expect(await endLink(w.app, account, NOON + 2, "person:alice")).toBe(false);
  expect(await linkOf(w.app, account)).toBeNull();
  expect((await eventsAbout(signed.content.id)).map(({ type }) => type)).toEqual([
    "account.linked",
    "account.unlinked",
  ]);
});

test("links of people are found by the person, and of nobody when nobody is asked for", async () => {
  const [one, other] = [newAccount(), newAccount()];
  await keepLink(w.app, link(one, "person:mia"));
  await keepLink(w.app, link(other, "person:ned"));
  const accountsAbout = async (account: AccountId | null, people: PersonId[]) =>
    (await linksAbout(w.app, account, people)).map(({ content }) => content.account).sort();
  expect(await accountsAbout(null, ["person:mia"])).toEqual([one]);
  expect(await accountsAbout(one, ["person:ned"])).toEqual([one, other]);
  expect(await accountsAbout(null, [])).toEqual([]);
});

test("no process can take a link over, and the executor sees none", async () => {
  const account = newAccount();
  await keepLink(w.app, link(account, "person:alice"));
  for (const statement of ["update account_links set person = 'person:eve'", "delete from account_links"]) {
    await expect(w.app.sql.unsafe(statement)).rejects.toSatisfy((error) => codeOf(error) === "42501");
  }
  await expect(w.executor.sql`select 1 from account_links`).rejects.toSatisfy((error) => codeOf(error) === "42501");
});
