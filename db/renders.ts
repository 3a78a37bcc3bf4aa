import { and, eq } from "drizzle-orm";
import type { Instant } from "../core/principal.ts";
import type { Digest } from "../core/request.ts";
import { type Database, reading, writing } from "./client.ts";
import { renders } from "./schema/renders.ts";

export type Render = Pick<typeof renders.$inferInsert, "surfaceId" | "shown" | "requestId" | "renderer" | "drawing">;

/** Kept before it is shown, so that there is no answer to something that nobody can draw again. */
export async function keepRender(db: Database, render: Render, now: Instant): Promise<void> {
  await writing(db, (transaction) =>
    transaction
      .insert(renders)
      .values({ ...render, at: now })
      .onConflictDoNothing(),
  );
}

export async function renderShown(db: Database, surfaceId: string, shown: Digest): Promise<Render | null> {
  const [row] = await reading(db, (orm) =>
    orm
      .select()
      .from(renders)
      .where(and(eq(renders.surfaceId, surfaceId), eq(renders.shown, shown))),
  );
  return row ?? null;
}
