import { index, integer, pgTable, text, unique } from "drizzle-orm/pg-core";
import type { Digest } from "../../core/request.ts";
import { instant, place } from "./columns.ts";
import { submissions } from "./submissions.ts";

/** One place one request is shown. */
export const surfaces = pgTable(
  "surfaces",
  {
    id: text("id").primaryKey(),
    requestId: text("request_id")
      .notNull()
      .references(() => submissions.requestId),
    channel: text("channel").$type<"slack">().notNull(),
    conversation: text("conversation").notNull(),
    /** `card`: the request itself; `owner`: the note to the owner at its end. */
    kind: text("kind").$type<"card" | "owner">().notNull(),
    generation: integer("generation").notNull(),
    status: text("status").$type<"intended" | "posted" | "dead" | "refused">().notNull(),
    /** A post was begun then and nobody knows whether it arrived. */
    uncertainSince: instant("uncertain_since"),
    message: text("message"),
    revision: integer("revision"),
    shown: text("shown").$type<Digest>(),
    /** Place of the newest audit event that the thread tells. */
    toldUntil: place("told_until"),
    error: text("error"),
    failures: integer("failures").notNull(),
    retryAt: instant("retry_at"),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (table) => [
    unique("surfaces_once").on(table.requestId, table.channel, table.conversation, table.kind, table.generation),
    index("surfaces_request").on(table.requestId),
  ],
);
