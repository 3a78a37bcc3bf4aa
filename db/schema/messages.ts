import { foreignKey, integer, pgTable, primaryKey, text, unique } from "drizzle-orm/pg-core";
import type { Identification } from "../../core/identification.ts";
import type { HumanMessage, Verb } from "../../core/message.ts";
import type { AccountId, PrincipalId } from "../../core/principal.ts";
import { instant, json } from "./columns.ts";
import { journal } from "./journal.ts";

/** What people said, as it was signed. The gate replays these and nothing else. */
export const messages = pgTable(
  "messages",
  {
    requestId: text("request_id").notNull(),
    /** Place of the journal entry it came with. */
    seq: integer("seq").notNull(),
    messageId: text("message_id").notNull(),
    verb: text("verb").$type<Verb>().notNull(),
    principal: text("principal").$type<PrincipalId | AccountId>().notNull(),
    content: json<HumanMessage>("content").notNull(),
    jws: text("jws").notNull(),
    /** Who an account of a chat was, as the channels process signed it. */
    identification: json<Identification>("identification"),
    identificationJws: text("identification_jws"),
    /** The workflow's time when it took the message. */
    at: instant("at").notNull(),
  },
  (table) => [
    primaryKey({ name: "messages_pkey", columns: [table.requestId, table.seq] }),
    unique("messages_once").on(table.requestId, table.messageId),
    foreignKey({
      name: "messages_journal_fkey",
      columns: [table.requestId, table.seq],
      foreignColumns: [journal.requestId, journal.seq],
    }),
  ],
);
