import { and, desc, eq, getTableColumns, isNull } from "drizzle-orm";
import type { Instant, PersonId, PrincipalId } from "../core/principal.ts";
import { appendAdministration } from "./audit.ts";
import { type Database, reading, writing } from "./client.ts";
import { credentials } from "./schema/credentials.ts";
import type { Credential, CredentialKind } from "./types.ts";

export type NewCredential = {
  id: string;
  /** Of the key's text, which is kept nowhere. */
  hash: string;
  kind: CredentialKind;
  principal: PrincipalId;
  scopes: string[];
  createdAt: Instant;
  expiresAt: Instant | null;
  /** Who gave it out; null when an operator did at the database. */
  createdBy?: PersonId;
};

export async function createCredential(db: Database, input: NewCredential): Promise<Credential> {
  const { createdBy = null, ...row } = input;
  const { id, kind, principal, scopes, createdAt, expiresAt } = row;
  return writing(db, async (transaction) => {
    await transaction.insert(credentials).values(row);
    const data = { id, kind, principal, scopes, expiresAt };
    const type = "credential.created";
    await appendAdministration(transaction, {
      ...{ requestId: null, at: createdAt, type, by: createdBy, reasons: [], data },
    });
    return { id, kind, principal, scopes, createdAt, expiresAt, revokedAt: null, lastUsedAt: null };
  });
}

/** Revoked and expired ones too, so that the caller can say which it is. */
export async function credentialByHash(db: Database, hash: string): Promise<Credential | null> {
  const [row] = await reading(db, (orm) => orm.select().from(credentials).where(eq(credentials.hash, hash)));
  if (!row) return null;
  const { hash: _kept, ...credential } = row;
  return credential;
}

/** Newest first; all of them, or one principal's. Never with a hash. */
export async function listCredentials(db: Database, principal: PrincipalId | null = null): Promise<Credential[]> {
  const { hash: _kept, ...columns } = getTableColumns(credentials);
  const mine = principal === null ? undefined : eq(credentials.principal, principal);
  return reading(db, (orm) =>
    orm.select(columns).from(credentials).where(mine).orderBy(desc(credentials.createdAt), desc(credentials.id)),
  );
}

/** Answers whether this call ended it; a credential is revoked once. */
export async function revokeCredential(
  db: Database,
  id: string,
  now: Instant,
  by: PersonId | null = null,
): Promise<boolean> {
  return writing(db, async (transaction) => {
    const revoked = await transaction
      .update(credentials)
      .set({ revokedAt: now })
      .where(and(eq(credentials.id, id), isNull(credentials.revokedAt)))
      .returning({ principal: credentials.principal });
    const [row] = revoked;
    if (!row) return false;
    const data = { id, principal: row.principal };
    const type = "credential.revoked";
    await appendAdministration(transaction, { requestId: null, at: now, type, by, reasons: [], data });
    return true;
  });
}

export async function touchCredential(db: Database, id: string, now: Instant): Promise<void> {
  await writing(db, (transaction) =>
    transaction.update(credentials).set({ lastUsedAt: now }).where(eq(credentials.id, id)),
  );
}
