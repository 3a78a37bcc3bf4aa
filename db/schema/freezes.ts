import { type AnyPgColumn, index, pgTable, text } from "drizzle-orm/pg-core";
import type { AgentId, PersonId } from "../../core/principal.ts";
import type { FreezeOrder } from "../types.ts";
import { instant, json } from "./columns.ts";

/** Switches thrown and lifted, as they were signed. A column of the scope that is null covers everything. */
export const freezes = pgTable(
  "freezes",
  {
    id: text("id").primaryKey(),
    kind: text("kind").$type<FreezeOrder["kind"]>().notNull(),
    lifts: text("lifts").references((): AnyPgColumn => freezes.id),
    agent: text("agent").$type<AgentId>(),
    actionType: text("action_type"),
    target: text("target"),
    by: text("by").$type<PersonId>().notNull(),
    content: json<FreezeOrder>("content").notNull(),
    jws: text("jws").notNull(),
    at: instant("at").notNull(),
  },
  (table) => [index("freezes_lifts").on(table.lifts)],
);
