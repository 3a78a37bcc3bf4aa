import { and, asc, eq, gt } from "drizzle-orm";
import { CountersignError } from "../../core/errors.ts";
import { LIMITS } from "../../core/limits.ts";
import type { PrincipalId } from "../../core/principal.ts";
import { type Database, reading } from "../client.ts";
import { auditEvents } from "../schema/audit-events.ts";
import type { AuditEvent } from "../types.ts";

/**
 * What happened to one request, oldest first: the workflow's, the executor's and operators' events in the order in
 * which they were committed. `after` is the id of the last one known; ids of one request only grow.
 */
export async function eventsOf(
  db: Database,
  requestId: string,
  after: string | null,
  limit: number,
): Promise<AuditEvent[]> {
  if (after !== null && !/^\d{1,18}$/.test(after)) {
    throw new CountersignError("MALFORMED", "This is not the id of an event.", { pointer: "/after" });
  }
  const rows = await reading(db, (orm) =>
    orm
      .select()
      .from(auditEvents)
      .where(and(eq(auditEvents.requestId, requestId), gt(auditEvents.id, after ?? "0")))
      .orderBy(asc(auditEvents.id))
      .limit(Math.max(1, Math.min(limit, LIMITS.maxPageSize))),
  );
  return rows.map(({ id, stream, seq, part, at, type, by, reasons, data }) => {
    return { id, stream, seq, part, at, type, by: by as PrincipalId | null, reasons, data };
  });
}
