import { and, eq, gt, isNull } from "drizzle-orm";
import type { Instant, PersonId } from "../core/principal.ts";
import { appendAdministration } from "./audit.ts";
import { type Database, reading, writing } from "./client.ts";
import { sessions } from "./schema/sessions.ts";
import { signInLinks } from "./schema/sign-in-links.ts";

export type Session = {
  id: string;
  person: PersonId;
  createdAt: Instant;
  expiresAt: Instant;
  endedAt: Instant | null;
};

/** `hash` is of the cookie's value, which is kept nowhere. */
export async function createSession(db: Database, input: Omit<Session, "endedAt"> & { hash: string }): Promise<void> {
  await writing(db, (transaction) => transaction.insert(sessions).values(input));
}

/** Ended and expired ones too; whoever asks has the clock. */
export async function sessionByHash(db: Database, hash: string): Promise<Session | null> {
  const [row] = await reading(db, (orm) => orm.select().from(sessions).where(eq(sessions.hash, hash)));
  if (!row) return null;
  const { hash: _kept, ...session } = row;
  return session;
}

export async function endSession(db: Database, hash: string, now: Instant): Promise<void> {
  await writing(db, (transaction) =>
    transaction
      .update(sessions)
      .set({ endedAt: now })
      .where(and(eq(sessions.hash, hash), isNull(sessions.endedAt))),
  );
}

export type SignInLink = {
  /** Of the link's code, which is kept nowhere. */
  hash: string;
  person: PersonId;
  createdAt: Instant;
  expiresAt: Instant;
};

export async function createSignInLink(db: Database, link: SignInLink): Promise<void> {
  const { person, createdAt, expiresAt } = link;
  await writing(db, async (transaction) => {
    await transaction.insert(signInLinks).values(link);
    await appendAdministration(transaction, {
      ...{ requestId: null, at: createdAt, type: "sign_in_link.created", by: null, reasons: [] },
      data: { person, expiresAt },
    });
  });
}

/** Whose link it was, for exactly one of all who try it; null for the others, and after its time. */
export async function consumeSignInLink(db: Database, hash: string, now: Instant): Promise<PersonId | null> {
  return writing(db, async (transaction) => {
    const [link] = await transaction
      .update(signInLinks)
      .set({ consumedAt: now })
      .where(and(eq(signInLinks.hash, hash), isNull(signInLinks.consumedAt), gt(signInLinks.expiresAt, now)))
      .returning({ person: signInLinks.person });
    return link?.person ?? null;
  });
}
