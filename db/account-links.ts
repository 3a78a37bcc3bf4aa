import { and, desc, eq, gt, inArray, isNull, or } from "drizzle-orm";
import type { AccountLink } from "../core/identification.ts";
import type { AccountId, Instant, PersonId } from "../core/principal.ts";
import type { Signed } from "../core/request.ts";
import { appendAdministration } from "./audit.ts";
import { type Database, reading, type Transaction, writing } from "./client.ts";
import { accountLinkTokens } from "./schema/account-link-tokens.ts";
import { accountLinks } from "./schema/account-links.ts";

export type LinkToken = {
  /** Of the token's text, which is kept nowhere. */
  hash: string;
  /** The account that asked for it, and the only one it can link. */
  account: AccountId;
  createdAt: Instant;
  expiresAt: Instant;
};

export async function createLinkToken(db: Database, token: LinkToken): Promise<void> {
  await writing(db, (transaction) => transaction.insert(accountLinkTokens).values(token));
}

/** Which account a token is about, without using it up: what the page shows before it asks. */
export async function linkTokenAccount(db: Database, hash: string, now: Instant): Promise<AccountId | null> {
  const [token] = await reading(db, (orm) =>
    orm.select({ account: accountLinkTokens.account }).from(accountLinkTokens).where(usable(hash, now)),
  );
  return token?.account ?? null;
}

/** Which account it was, for exactly one of all who try it; null for the others, and after its time. */
export async function consumeLinkToken(db: Database, hash: string, now: Instant): Promise<AccountId | null> {
  return writing(db, async (transaction) => {
    const [token] = await transaction
      .update(accountLinkTokens)
      .set({ consumedAt: now })
      .where(usable(hash, now))
      .returning({ account: accountLinkTokens.account });
    return token?.account ?? null;
  });
}

/** The newest link of an account holds, so this ends the one before; the same link twice is one. */
export async function keepLink(db: Database, { content, jws }: Signed<AccountLink>): Promise<void> {
  const { id, account, person, at } = content;
  await writing(db, async (transaction) => {
    const [known] = await transaction.select({ id: accountLinks.id }).from(accountLinks).where(eq(accountLinks.id, id));
    if (known) return;
    const before = await ended(transaction, account, at);
    await transaction.insert(accountLinks).values({ id, account, person, content, jws, at });
    await appendAdministration(transaction, {
      ...{ requestId: null, at, type: "account.linked", by: person, reasons: [] },
      data: { id, account, person, instead_of: before?.person ?? null },
    });
  });
}

/** Answers whether there was a link to end. */
export async function endLink(db: Database, account: AccountId, now: Instant, by: PersonId): Promise<boolean> {
  return writing(db, async (transaction) => {
    const link = await ended(transaction, account, now);
    if (link === null) return false;
    await appendAdministration(transaction, {
      ...{ requestId: null, at: now, type: "account.unlinked", by, reasons: [] },
      data: { id: link.id, account, person: link.person },
    });
    return true;
  });
}

/** The link of this account that has not ended, as it was signed; whoever uses it verifies that. */
export async function linkOf(db: Database, account: AccountId): Promise<Signed<AccountLink> | null> {
  const [link] = await linksAbout(db, account, []);
  return link ?? null;
}

/** Links that have not ended, of this account and of these people, newest first. */
export async function linksAbout(
  db: Database,
  account: AccountId | null,
  people: PersonId[],
): Promise<Signed<AccountLink>[]> {
  const theirs = people.length === 0 ? undefined : inArray(accountLinks.person, people);
  const its = account === null ? undefined : eq(accountLinks.account, account);
  if (its === undefined && theirs === undefined) return [];
  return reading(db, (orm) =>
    orm
      .select({ content: accountLinks.content, jws: accountLinks.jws })
      .from(accountLinks)
      .where(and(isNull(accountLinks.endedAt), or(its, theirs)))
      .orderBy(desc(accountLinks.at), desc(accountLinks.id)),
  );
}

function usable(hash: string, now: Instant) {
  return and(
    eq(accountLinkTokens.hash, hash),
    isNull(accountLinkTokens.consumedAt),
    gt(accountLinkTokens.expiresAt, now),
  );
}

async function ended(transaction: Transaction, account: AccountId, now: Instant) {
  const [link] = await transaction
    .update(accountLinks)
    .set({ endedAt: now })
    .where(and(eq(accountLinks.account, account), isNull(accountLinks.endedAt)))
    .returning({ id: accountLinks.id, person: accountLinks.person });
  return link ?? null;
}
