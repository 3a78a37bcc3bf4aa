import { pgTable, text } from "drizzle-orm/pg-core";
import type { AccountId } from "../../core/principal.ts";
import { instant } from "./columns.ts";

/** A token that one account asked for: a hash, never the text. */
export const accountLinkTokens = pgTable("account_link_tokens", {
  hash: text("hash").primaryKey(),
  account: text("account").$type<AccountId>().notNull(),
  createdAt: instant("created_at").notNull(),
  expiresAt: instant("expires_at").notNull(),
  consumedAt: instant("consumed_at"),
});
