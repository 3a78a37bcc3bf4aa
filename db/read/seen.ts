import { sql } from "drizzle-orm";
import { type Database, reading } from "../client.ts";

/** Where a drawing stands: the message of its surface, or a view that no message holds. */
export type SeenAt = { conversation: string | null; message: string | null };

/** Where this exact drawing of this request was shown; null when it never was. */
export async function seenAt(
  db: Database,
  { requestId, surface, shown }: { requestId: string; surface: string; shown: string },
): Promise<SeenAt | null> {
  const rows = await reading(db, (orm) =>
    orm.execute<SeenAt>(sql`
      select s.conversation, s.message
      from renders r left join surfaces s on s.id = r.surface_id
      where r.surface_id = ${surface} and r.shown = ${shown} and r.request_id = ${requestId}`),
  );
  const [row] = rows;
  return row ? { conversation: row.conversation, message: row.message } : null;
}
