import { index, pgTable, text } from "drizzle-orm/pg-core";
import type { PersonId } from "../../core/principal.ts";
import { instant } from "./columns.ts";

/** A person's browser, signed in. The cookie's value is kept as a hash only. */
export const sessions = pgTable(
  "sessions",
  {
    id: text("id").primaryKey(),
    hash: text("hash").notNull().unique("sessions_hash_key"),
    person: text("person").$type<PersonId>().notNull(),
    createdAt: instant("created_at").notNull(),
    expiresAt: instant("expires_at").notNull(),
    endedAt: instant("ended_at"),
  },
  (table) => [index("sessions_expires").on(table.expiresAt)],
);
