import { index, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import type { Digest, Json } from "../../core/request.ts";
import { instant, json } from "./columns.ts";
import { submissions } from "./submissions.ts";

/** What was drawn anywhere, as the renderer was given it. Insert-only: it is what people saw when they answered. */
export const renders = pgTable(
  "renders",
  {
    surfaceId: text("surface_id").notNull(),
    shown: text("shown").$type<Digest>().notNull(),
    requestId: text("request_id")
      .notNull()
      .references(() => submissions.requestId),
    /** Name and version of the renderer. */
    renderer: text("renderer").notNull(),
    drawing: json<{ kind: string; input: Json }>("drawing").notNull(),
    at: instant("at").notNull(),
  },
  (table) => [
    primaryKey({ name: "renders_pkey", columns: [table.surfaceId, table.shown] }),
    index("renders_request").on(table.requestId, table.shown),
  ],
);
