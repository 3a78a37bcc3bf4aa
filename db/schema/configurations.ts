import { integer, pgTable, text } from "drizzle-orm/pg-core";
import type { Configuration } from "../../config/configuration.ts";
import type { Digest } from "../../core/request.ts";
import { instant, json } from "./columns.ts";

/** Directory, targets and policies, signed by the operator's key; the newest version is in force. */
export const configurations = pgTable("configurations", {
  version: integer("version").primaryKey(),
  digest: text("digest").$type<Digest>().notNull(),
  content: json<Configuration>("content").notNull(),
  jws: text("jws").notNull(),
  appliedAt: instant("applied_at").notNull(),
});
