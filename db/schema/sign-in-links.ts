import { pgTable, text } from "drizzle-orm/pg-core";
import type { PersonId } from "../../core/principal.ts";
import { instant } from "./columns.ts";

/** A link an operator makes for one person; it signs in once. */
export const signInLinks = pgTable("sign_in_links", {
  hash: text("hash").primaryKey(),
  person: text("person").$type<PersonId>().notNull(),
  createdAt: instant("created_at").notNull(),
  expiresAt: instant("expires_at").notNull(),
  consumedAt: instant("consumed_at"),
});
