import { pgTable, text, unique } from "drizzle-orm/pg-core";
import { instant, place } from "./columns.ts";
import { surfaces } from "./surfaces.ts";

/** One reply in a surface's thread: which audit events it tells. */
export const surfaceReplies = pgTable(
  "surface_replies",
  {
    id: text("id").primaryKey(),
    surfaceId: text("surface_id")
      .notNull()
      .references(() => surfaces.id),
    afterEvent: place("after_event").notNull(),
    untilEvent: place("until_event").notNull(),
    uncertainSince: instant("uncertain_since"),
    message: text("message"),
    createdAt: instant("created_at").notNull(),
  },
  (table) => [unique("surface_replies_once").on(table.surfaceId, table.afterEvent)],
);
