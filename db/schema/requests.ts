import { index, integer, pgTable, text } from "drizzle-orm/pg-core";
import type { Deliberation, Outcome } from "../../core/deliberation-types.ts";
import type { GroupId, PersonId, PrincipalId } from "../../core/principal.ts";
import { instant, json } from "./columns.ts";
import { submissions } from "./submissions.ts";

/**
 * The projection pages and lists read: the journal folded into one row. Of the tables of a request
 * it is the only one that is ever updated, and the gate believes nothing in it.
 */
export const requests = pgTable(
  "requests",
  {
    id: text("id")
      .primaryKey()
      .references(() => submissions.requestId),
    /** Place of the newest journal entry folded in. */
    seq: integer("seq").notNull(),
    requester: text("requester").$type<PrincipalId>().notNull(),
    owner: text("owner").$type<PersonId>(),
    onBehalfOf: text("on_behalf_of").$type<PersonId>(),
    requesterName: text("requester_name").notNull(),
    ownerName: text("owner_name"),
    actionType: text("action_type").notNull(),
    target: text("target").notNull(),
    environment: text("environment").notNull(),
    title: text("title").notNull(),
    /** Everything the search box looks through. */
    search: text("search").notNull(),
    /** Status as far as the workflow knows; db/read joins what the executor knows. */
    recordedStatus: text("recorded_status")
      .$type<"evaluating" | "pending" | "held" | "starting" | Outcome["status"]>()
      .notNull(),
    deadlineAt: instant("deadline_at"),
    /** Groups that could fill what is missing. */
    waitingFor: text("waiting_for").array().$type<GroupId[]>().notNull(),
    /** Groups that are asked: those of the requirement and those it was widened to. */
    asked: text("asked").array().$type<GroupId[]>().notNull(),
    /** People whose newest answer stands. */
    answered: text("answered").array().$type<PersonId[]>().notNull(),
    /** Principals and groups that cannot answer now: tied to the request, excluded, or done already. */
    keptOut: text("kept_out").array().$type<(PrincipalId | GroupId)[]>().notNull(),
    approvalsMissing: integer("approvals_missing").notNull(),
    state: json<Deliberation>("state"),
    outcome: json<Outcome>("outcome"),
    createdAt: instant("created_at").notNull(),
    updatedAt: instant("updated_at").notNull(),
  },
  (table) => [
    index("requests_newest").on(table.createdAt.desc(), table.id.desc()),
    index("requests_requester").on(table.requester, table.createdAt.desc()),
    index("requests_recorded_status").on(table.recordedStatus, table.createdAt.desc()),
    index("requests_waiting_for").using("gin", table.waitingFor),
    index("requests_asked").using("gin", table.asked),
    index("requests_answered").using("gin", table.answered),
    index("requests_updated").on(table.updatedAt.desc()),
  ],
);
