import { foreignKey, integer, pgTable, text } from "drizzle-orm/pg-core";
import type { ExecutionReport } from "../../core/deliberation-types.ts";
import { instant, json } from "./columns.ts";
import { executions } from "./executions.ts";

/** How an execution ended, written by the executor before it answers anybody. */
export const outcomes = pgTable(
  "outcomes",
  {
    requestId: text("request_id").primaryKey(),
    attempt: integer("attempt").notNull(),
    status: text("status").$type<ExecutionReport["status"]>().notNull(),
    report: json<ExecutionReport>("report").notNull(),
    at: instant("at").notNull(),
  },
  (table) => [
    foreignKey({
      name: "outcomes_execution_fkey",
      columns: [table.requestId, table.attempt],
      foreignColumns: [executions.requestId, executions.attempt],
    }),
  ],
);
