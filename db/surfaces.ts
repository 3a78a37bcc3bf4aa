import { and, asc, eq, isNull, or, sql } from "drizzle-orm";
import type { Instant } from "../core/principal.ts";
import type { Digest } from "../core/request.ts";
import { type Database, reading, writing } from "./client.ts";
import { surfaceReplies } from "./schema/surface-replies.ts";
import { surfaces } from "./schema/surfaces.ts";

export type Surface = typeof surfaces.$inferSelect;
export type SurfaceReply = typeof surfaceReplies.$inferSelect;

/** Where a surface is to be, before anything is posted. */
export type IntendedSurface = Pick<
  Surface,
  "id" | "requestId" | "channel" | "conversation" | "kind" | "generation" | "toldUntil"
>;

export async function surfacesOf(db: Database, requestId: string): Promise<Surface[]> {
  return reading(db, (orm) =>
    orm
      .select()
      .from(surfaces)
      .where(eq(surfaces.requestId, requestId))
      .orderBy(asc(surfaces.createdAt), asc(surfaces.id)),
  );
}

export async function surfaceById(db: Database, id: string): Promise<Surface | null> {
  const [row] = await reading(db, (orm) => orm.select().from(surfaces).where(eq(surfaces.id, id)));
  return row ?? null;
}

/** Whoever comes first writes it; the answer is the surface that stands. */
export async function intendSurface(db: Database, intended: IntendedSurface, now: Instant): Promise<Surface> {
  const { requestId, channel, conversation, kind, generation } = intended;
  return writing(db, async (transaction) => {
    await transaction
      .insert(surfaces)
      .values({ ...intended, status: "intended", failures: 0, createdAt: now, updatedAt: now })
      .onConflictDoNothing({
        target: [surfaces.requestId, surfaces.channel, surfaces.conversation, surfaces.kind, surfaces.generation],
      });
    const [row] = await transaction
      .select()
      .from(surfaces)
      .where(
        and(
          eq(surfaces.requestId, requestId),
          eq(surfaces.channel, channel),
          eq(surfaces.conversation, conversation),
          eq(surfaces.kind, kind),
          eq(surfaces.generation, generation),
        ),
      );
    if (!row) throw new Error(`surface ${intended.id} vanished`);
    return row;
  });
}

/** Before the call: from now on it may have arrived, whatever becomes of this process. */
export async function surfacePosting(db: Database, surface: Surface, now: Instant): Promise<void> {
  await change(db, surface.id, { uncertainSince: surface.uncertainSince ?? now }, now, surface.message);
}

/** It has certainly not arrived: what an earlier try left uncertain stays so. */
export async function surfaceNotPosted(db: Database, surface: Surface, now: Instant): Promise<void> {
  await change(db, surface.id, { uncertainSince: surface.uncertainSince }, now, surface.message);
}

/** `shown` null: it was found, and shows whatever it showed then. */
export type PostedSurface = { conversation: string; message: string; shown: Digest | null; revision: number };

/**
 * Answers whether it is the surface's message now. A process that slept through its lease may come with a second
 * one, and the first that was written down stays.
 */
export async function surfacePosted(db: Database, id: string, posted: PostedSurface, now: Instant): Promise<boolean> {
  const rows = await writing(db, (transaction) =>
    transaction
      .update(surfaces)
      .set({ ...posted, status: "posted", ...CLEAR, updatedAt: now })
      .where(and(eq(surfaces.id, id), isUnsaid(surfaces.message, posted.message)))
      .returning({ id: surfaces.id }),
  );
  return rows.length > 0;
}

function isUnsaid(column: typeof surfaces.message | typeof surfaceReplies.message, message: string) {
  return or(isNull(column), eq(column, message));
}

/** The message is there and shows something newer. */
export async function surfaceUpdated(
  db: Database,
  id: string,
  shown: { shown: Digest; revision: number },
  now: Instant,
): Promise<void> {
  await change(db, id, { ...shown, status: "posted", error: null, failures: 0, retryAt: null }, now);
}

export async function surfaceDead(db: Database, id: string, error: string, now: Instant): Promise<void> {
  await change(db, id, { status: "dead", error, retryAt: null }, now);
}

export type FailedCall = {
  error: string;
  retryAt: Instant;
  /** Somebody has to change the set-up. */
  refused: boolean;
  /** From then on it may have arrived after all; null when it certainly has not. */
  uncertainSince: Instant | null;
};

/** It is tried again, ever more rarely. Where another process has posted meanwhile, nothing has failed. */
export async function surfaceFailed(db: Database, surface: Surface, failed: FailedCall, now: Instant): Promise<void> {
  const { error, retryAt, refused, uncertainSince } = failed;
  const before = surface.message === null ? ("intended" as const) : ("posted" as const);
  const status = refused ? ("refused" as const) : before;
  const set = { status, error, retryAt, uncertainSince, failures: surface.failures + 1 };
  await change(db, surface.id, set, now, surface.message);
}

/** What somebody has to look after: places that refuse what we show. */
export async function refusedSurfaces(
  db: Database,
  limit: number,
): Promise<{ conversation: string; error: string | null; updatedAt: Instant }[]> {
  return reading(db, (orm) =>
    orm
      .selectDistinctOn([surfaces.conversation], {
        conversation: surfaces.conversation,
        error: surfaces.error,
        updatedAt: surfaces.updatedAt,
      })
      .from(surfaces)
      .where(eq(surfaces.status, "refused"))
      .orderBy(asc(surfaces.conversation), asc(surfaces.updatedAt))
      .limit(limit),
  );
}

const CLEAR = { uncertainSince: null, error: null, failures: 0, retryAt: null };

async function change(
  db: Database,
  id: string,
  set: Partial<Surface>,
  now: Instant,
  /** Only while this is its message. */
  message?: string | null,
): Promise<void> {
  const same = message === undefined ? undefined : sql`${surfaces.message} is not distinct from ${message}`;
  await writing(db, (transaction) =>
    transaction
      .update(surfaces)
      .set({ ...set, updatedAt: now })
      .where(and(eq(surfaces.id, id), same)),
  );
}

/** The reply that was begun and is not known to be there. */
export async function openReply(db: Database, surfaceId: string): Promise<SurfaceReply | null> {
  const [row] = await reading(db, (orm) =>
    orm
      .select()
      .from(surfaceReplies)
      .where(and(eq(surfaceReplies.surfaceId, surfaceId), isNull(surfaceReplies.message)))
      .orderBy(asc(surfaceReplies.afterEvent))
      .limit(1),
  );
  return row ?? null;
}

export type IntendedReply = Pick<SurfaceReply, "id" | "surfaceId" | "afterEvent" | "untilEvent">;

export async function intendReply(db: Database, intended: IntendedReply, now: Instant): Promise<void> {
  await writing(db, (transaction) =>
    transaction
      .insert(surfaceReplies)
      .values({ ...intended, createdAt: now })
      .onConflictDoNothing({ target: [surfaceReplies.surfaceId, surfaceReplies.afterEvent] }),
  );
}

export async function replyPosting(db: Database, reply: SurfaceReply, since: Instant | null): Promise<void> {
  await writing(db, (transaction) =>
    transaction.update(surfaceReplies).set({ uncertainSince: since }).where(eq(surfaceReplies.id, reply.id)),
  );
}

/** The thread tells everything up to there. Answers whether it is the reply now, as `surfacePosted` does. */
export async function replyPosted(db: Database, reply: SurfaceReply, message: string, now: Instant): Promise<boolean> {
  return writing(db, async (transaction) => {
    const rows = await transaction
      .update(surfaceReplies)
      .set({ message, uncertainSince: null })
      .where(and(eq(surfaceReplies.id, reply.id), isUnsaid(surfaceReplies.message, message)))
      .returning({ id: surfaceReplies.id });
    if (rows.length === 0) return false;
    await transaction
      .update(surfaces)
      .set({ toldUntil: reply.untilEvent, status: "posted", error: null, failures: 0, retryAt: null, updatedAt: now })
      .where(eq(surfaces.id, reply.surfaceId));
    return true;
  });
}
