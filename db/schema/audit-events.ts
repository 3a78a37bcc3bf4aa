import { index, integer, pgTable, text, unique } from "drizzle-orm/pg-core";
import type { Reason } from "../../core/evaluation.ts";
import type { Digest, Json } from "../../core/request.ts";
import { instant, json, place } from "./columns.ts";

/** Append-only. `body` is the canonical JSON that is hashed; the other columns are there to be read and searched. */
export const auditEvents = pgTable(
  "audit_events",
  {
    id: place("id").primaryKey(),
    /** `request:<id>`, `execution:<id>` or `administration`: each has one writer at a time. */
    stream: text("stream").notNull(),
    seq: integer("seq").notNull(),
    /** One journal entry may hold several happenings. */
    part: integer("part").notNull(),
    /** The request it is about, whichever stream it is in. */
    requestId: text("request_id"),
    at: instant("at").notNull(),
    type: text("type").notNull(),
    by: text("by"),
    reasons: json<Reason[]>("reasons").notNull(),
    data: json<{ [key: string]: Json }>("data").notNull(),
    body: text("body").notNull(),
    digest: text("digest").$type<Digest>().notNull(),
  },
  (table) => [
    unique("audit_events_once").on(table.stream, table.seq, table.part),
    index("audit_events_request").on(table.requestId, table.id),
  ],
);
