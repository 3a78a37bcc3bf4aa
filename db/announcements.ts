import { type SQL, sql } from "drizzle-orm";
import { LIMITS } from "../core/limits.ts";
import type { Instant } from "../core/principal.ts";
import { type Database, reading, writing } from "./client.ts";
import { announcements } from "./schema/announcements.ts";

/** How far a request had been announced when the lease was taken; null: somebody else has it. */
export type Lease = { revision: number; final: boolean };

/** One process at a time makes the surfaces of a request right. The same process may take its lease again. */
export async function leaseAnnouncement(
  db: Database,
  requestId: string,
  me: string,
  now: Instant,
  untilMs: Instant,
): Promise<Lease | null> {
  const rows = await writing(db, (transaction) =>
    transaction
      .insert(announcements)
      .values({ requestId, revision: 0, final: false, leasedBy: me, leasedTill: untilMs })
      .onConflictDoUpdate({
        target: announcements.requestId,
        set: { leasedBy: me, leasedTill: untilMs },
        setWhere: sql`${announcements.leasedTill} is null or ${announcements.leasedTill} <= ${param(now)}
          or ${announcements.leasedBy} = ${me}`,
      })
      .returning({ revision: announcements.revision, final: announcements.final }),
  );
  return rows[0] ?? null;
}

/** What is left after a look: nothing (`final`: for ever), or a reason to look again at `retryAt`. */
export type Looked = { revision: number; final: boolean; retryAt: Instant | null };

/** Ends the lease; a lease that somebody else has taken over meanwhile is left alone. */
export async function announced(db: Database, requestId: string, me: string, looked: Looked): Promise<void> {
  await writing(db, (transaction) =>
    transaction
      .update(announcements)
      .set({ ...looked, leasedBy: null, leasedTill: null })
      .where(sql`${announcements.requestId} = ${requestId} and ${announcements.leasedBy} = ${me}`),
  );
}

/** Something went wrong on the way: whatever is left to be done, it is looked at again then. */
export async function postponed(db: Database, requestId: string, me: string, retryAt: Instant): Promise<void> {
  await writing(db, (transaction) =>
    transaction.execute(sql`
      update announcements a
      set revision = ${REVISION}, retry_at = ${param(retryAt)}, leased_by = null, leased_till = null
      from requests r where r.id = a.request_id and a.request_id = ${requestId} and a.leased_by = ${me}`),
  );
}

export type Due = {
  limit: number;
  now: Instant;
  /** Requests leased by this process count as free: it knows itself what it is at. */
  me: string;
  /** At the start, and after a new configuration: whatever is open, and however old. */
  all: boolean;
};

/** Requests that have changed since they were last looked at, or whose time to be looked at again has come. */
export async function requestsToAnnounce(db: Database, { limit, now, me, all }: Due): Promise<string[]> {
  const free = sql`(a.leased_till is null or a.leased_till <= ${param(now)} or a.leased_by = ${me})`;
  const due = all ? sql`true` : sql`(a.revision < ${REVISION} or a.retry_at <= ${param(now)})`;
  const young = all ? sql`true` : sql`r.created_at > ${param(now - LIMITS.announceRecentSeconds * 1000)}`;
  const rows = await reading(db, (orm) =>
    orm.execute<{ id: string }>(sql`
      (select r.id, r.created_at from announcements a join requests r on r.id = a.request_id
        where not a.final and ${free} and ${due}
        order by r.created_at limit ${limit})
      union all
      (select r.id, r.created_at from requests r
        where ${young} and not exists (select from announcements a where a.request_id = r.id)
        order by r.created_at limit ${limit})
      order by created_at limit ${limit}`),
  );
  return rows.map((row) => row.id);
}

/** Requests that had ended before anybody was told of them stay untold. */
export async function markEnded(db: Database): Promise<void> {
  await writing(db, (transaction) =>
    transaction.execute(sql`
      insert into announcements (request_id, revision, final)
      select r.id, ${REVISION}, true from requests r
      where r.recorded_status in ('succeeded', 'failed', 'unknown', 'denied', 'expired', 'withdrawn')
        and not exists (select from announcements a where a.request_id = r.id)
      on conflict do nothing`),
  );
}

/** The same sum as `RequestRecord.revision`. */
const REVISION: SQL = sql`(r.seq + 1
  + (select count(*)::int from executions e where e.request_id = r.id and e.status = 'claimed')
  + (select count(*)::int from outcomes o where o.request_id = r.id)
  + (select count(*)::int from resolutions s where s.request_id = r.id))`;

function param(at: Instant): SQL {
  return sql`${new Date(at).toISOString()}::timestamptz`;
}
