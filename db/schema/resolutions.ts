import { pgTable, text } from "drizzle-orm/pg-core";
import type { PersonId } from "../../core/principal.ts";
import type { Resolution } from "../types.ts";
import { instant, json } from "./columns.ts";
import { submissions } from "./submissions.ts";

/** How an unknown execution ended, as an operator found out and signed. */
export const resolutions = pgTable("resolutions", {
  requestId: text("request_id")
    .primaryKey()
    .references(() => submissions.requestId),
  outcome: text("outcome").$type<Resolution["outcome"]>().notNull(),
  by: text("by").$type<PersonId>().notNull(),
  content: json<Resolution>("content").notNull(),
  jws: text("jws").notNull(),
  at: instant("at").notNull(),
});
