import { sql } from "drizzle-orm";
import { index, integer, pgTable, primaryKey, text, uniqueIndex } from "drizzle-orm/pg-core";
import type { PrincipalId } from "../../core/principal.ts";
import type { Digest } from "../../core/request.ts";
import { instant } from "./columns.ts";
import { submissions } from "./submissions.ts";

/**
 * The row that makes a start happen once. `claimed`: this attempt started. `never`: a tombstone, this attempt
 * did not start and never will. The executor's role writes only the one, the app's role only the other.
 */
export const executions = pgTable(
  "executions",
  {
    requestId: text("request_id")
      .notNull()
      .references(() => submissions.requestId),
    attempt: integer("attempt").notNull(),
    status: text("status").$type<"claimed" | "never">().notNull(),
    at: instant("at").notNull(),
    /** What a claim was made under; null in a tombstone. */
    agent: text("agent").$type<PrincipalId>(),
    actionType: text("action_type"),
    target: text("target"),
    executeBy: instant("execute_by"),
    policyDigest: text("policy_digest").$type<Digest>(),
    configurationVersion: integer("configuration_version"),
  },
  (table) => [
    primaryKey({ name: "executions_pkey", columns: [table.requestId, table.attempt] }),
    uniqueIndex("executions_one_claim").on(table.requestId).where(sql`status <> 'never'`),
    index("executions_claimed").on(table.at).where(sql`status = 'claimed'`),
  ],
);
