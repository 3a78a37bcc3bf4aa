import { foreignKey, integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import type { Description, Evaluation } from "../../core/evaluation.ts";
import type { Digest, JsonObject } from "../../core/request.ts";
import { instant, json } from "./columns.ts";
import { journal } from "./journal.ts";

/** What people were shown and what policy said of it: once at the opening, again when a gate found something new. */
export const evaluations = pgTable(
  "evaluations",
  {
    requestId: text("request_id").notNull(),
    /** Place of the journal entry it came with. */
    seq: integer("seq").notNull(),
    factsDigest: text("facts_digest").$type<Digest>().notNull(),
    /** Joined facts; a gate records only what its description says. */
    facts: json<JsonObject>("facts"),
    description: json<Description>("description"),
    evaluation: json<Evaluation>("evaluation"),
    configurationVersion: integer("configuration_version"),
    at: instant("at").notNull(),
  },
  (table) => [
    primaryKey({ name: "evaluations_pkey", columns: [table.requestId, table.seq] }),
    foreignKey({
      name: "evaluations_journal_fkey",
      columns: [table.requestId, table.seq],
      foreignColumns: [journal.requestId, journal.seq],
    }),
  ],
);
