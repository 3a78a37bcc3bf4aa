import { sql } from "drizzle-orm";
import { pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import type { AccountLink } from "../../core/identification.ts";
import type { AccountId, PersonId } from "../../core/principal.ts";
import { instant, json } from "./columns.ts";

/** Accounts that people linked to themselves, as the API signed it. An account has one link that has not ended. */
export const accountLinks = pgTable(
  "account_links",
  {
    id: text("id").primaryKey(),
    account: text("account").$type<AccountId>().notNull(),
    person: text("person").$type<PersonId>().notNull(),
    content: json<AccountLink>("content").notNull(),
    jws: text("jws").notNull(),
    at: instant("at").notNull(),
    endedAt: instant("ended_at"),
  },
  (table) => [uniqueIndex("account_links_one").on(table.account).where(sql`ended_at is null`)],
);
