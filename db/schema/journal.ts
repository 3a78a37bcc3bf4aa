import { integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import type { JournalEntry } from "../../activities/types.ts";
import { instant, json } from "./columns.ts";
import { submissions } from "./submissions.ts";

/** Every step of every request, in order. The first write at a place is what happened. */
export const journal = pgTable(
  "journal",
  {
    requestId: text("request_id")
      .notNull()
      .references(() => submissions.requestId),
    seq: integer("seq").notNull(),
    entry: json<JournalEntry>("entry").notNull(),
    at: instant("at").notNull(),
  },
  (table) => [primaryKey({ name: "journal_pkey", columns: [table.requestId, table.seq] })],
);
