import { pgTable, text } from "drizzle-orm/pg-core";
import type { Digest, Submission } from "../../core/request.ts";
import { instant, json } from "./columns.ts";

/** What was asked, as it was signed. The request id is unique here for ever. */
export const submissions = pgTable("submissions", {
  requestId: text("request_id").primaryKey(),
  digest: text("digest").$type<Digest>().notNull(),
  content: json<Submission>("content").notNull(),
  jws: text("jws").notNull(),
  at: instant("at").notNull(),
});
