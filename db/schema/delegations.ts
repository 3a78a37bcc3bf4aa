import { index, pgTable, text } from "drizzle-orm/pg-core";
import type { Delegation } from "../../core/delegation.ts";
import type { PersonId } from "../../core/principal.ts";
import { instant, json } from "./columns.ts";

/** Who answers for whom while somebody is away, as the API signed it. Insert-only; the newest of a person holds. */
export const delegations = pgTable(
  "delegations",
  {
    id: text("id").primaryKey(),
    fromPerson: text("from_person").$type<PersonId>().notNull(),
    toPerson: text("to_person").$type<PersonId>(),
    until: instant("until").notNull(),
    content: json<Delegation>("content").notNull(),
    jws: text("jws").notNull(),
    at: instant("at").notNull(),
  },
  (table) => [index("delegations_from").on(table.fromPerson, table.at.desc())],
);
