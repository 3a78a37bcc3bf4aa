import { boolean, index, integer, pgTable, text } from "drizzle-orm/pg-core";
import { instant } from "./columns.ts";
import { submissions } from "./submissions.ts";

/** How far each request has been announced, and by whom it is being announced this moment. */
export const announcements = pgTable(
  "announcements",
  {
    requestId: text("request_id")
      .primaryKey()
      .references(() => submissions.requestId),
    /** Of the request, when its surfaces were last compared with it; 0 before the first time. */
    revision: integer("revision").notNull(),
    /** It has ended and everything shows so. */
    final: boolean("final").notNull(),
    leasedBy: text("leased_by"),
    leasedTill: instant("leased_till"),
    /** Something is left to be done: look again then. */
    retryAt: instant("retry_at"),
  },
  (table) => [index("announcements_open").on(table.requestId)],
);
