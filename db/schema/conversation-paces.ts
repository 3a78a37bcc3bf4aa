import { pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { instant } from "./columns.ts";

/** When the next message may go into a conversation, for every process. */
export const conversationPaces = pgTable(
  "conversation_paces",
  {
    channel: text("channel").notNull(),
    conversation: text("conversation").notNull(),
    nextAt: instant("next_at").notNull(),
  },
  (table) => [primaryKey({ name: "conversation_paces_pkey", columns: [table.channel, table.conversation] })],
);
