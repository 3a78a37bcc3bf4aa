import { and, desc, eq, gt, lte, sql } from "drizzle-orm";
import type { Delegation } from "../core/delegation.ts";
import { LIMITS } from "../core/limits.ts";
import { type Instant, isPerson, type PersonId } from "../core/principal.ts";
import type { Signed } from "../core/request.ts";
import { appendAdministration } from "./audit.ts";
import { type Database, reading, writing } from "./client.ts";
import { delegations } from "./schema/delegations.ts";

/** Keeps what somebody ordered; the same order twice is one. Ending a delegation is an order of its own, to nobody. */
export async function keepDelegation(db: Database, { content, jws }: Signed<Delegation>): Promise<void> {
  const { id, from, to, until, at, by } = content;
  await writing(db, async (transaction) => {
    const kept = await transaction
      .insert(delegations)
      .values({ id, fromPerson: from, toPerson: to, until, content, jws, at })
      .onConflictDoNothing()
      .returning({ id: delegations.id });
    if (kept.length === 0) return;
    const type = to === null ? "delegation.ended" : "delegation.ordered";
    const data = { id, from, to, until, account: by };
    await appendAdministration(transaction, {
      ...{ requestId: null, at, type, by: isPerson(by) ? by : from, reasons: [], data },
    });
  });
}

/**
 * Every order that could matter to an answer given at this moment or, with `since`, to answers given from then on,
 * newest first: one that was over for good long before is left out, because none lasts longer than the limit.
 * Signatures are for the caller to verify.
 */
export async function delegationsUntil(db: Database, at: Instant, since: Instant = at): Promise<Signed<Delegation>[]> {
  const earliest = Math.min(at, since) - LIMITS.delegationSeconds * 1000;
  return reading(db, (orm) => {
    const ordered = orm
      .select({
        ...{ content: delegations.content, jws: delegations.jws, at: delegations.at },
        // Whoever orders without end crowds out nobody but themselves.
        place:
          sql<number>`row_number() over (partition by ${delegations.fromPerson} order by ${delegations.at} desc)`.as(
            "place",
          ),
      })
      .from(delegations)
      .where(and(lte(delegations.at, at), gt(delegations.at, earliest)))
      .as("ordered");
    return orm
      .select({ content: ordered.content, jws: ordered.jws })
      .from(ordered)
      .where(lte(ordered.place, LIMITS.delegationsPerPerson))
      .orderBy(desc(ordered.at))
      .limit(LIMITS.delegationsInForce);
  });
}

/** The newest order of this person, in force or not; null when they never gave one. */
export async function delegationOf(db: Database, from: PersonId): Promise<Signed<Delegation> | null> {
  const [row] = await reading(db, (orm) =>
    orm
      .select({ content: delegations.content, jws: delegations.jws })
      .from(delegations)
      .where(eq(delegations.fromPerson, from))
      .orderBy(desc(delegations.at))
      .limit(1),
  );
  return row ?? null;
}

/** Changes whenever somebody orders or ends a delegation; null while nobody ever has. */
export async function newestDelegation(db: Database): Promise<string | null> {
  const [row] = await reading(db, (orm) =>
    orm.select({ id: delegations.id }).from(delegations).orderBy(desc(delegations.at), desc(delegations.id)).limit(1),
  );
  return row?.id ?? null;
}
