import { and, desc, eq, lt } from "drizzle-orm";
import type { Description, Evaluation, Reason } from "../../core/evaluation.ts";
import { type Database, reading } from "../client.ts";
import { auditEvents } from "../schema/audit-events.ts";
import { evaluations } from "../schema/evaluations.ts";

/** What people had been asked before a gate sent the request back to them, and why it did. */
export type PreviousRound = { reasons: Reason[]; description: Description | null; evaluation: Evaluation | null };

/** null: no gate has refused it. */
export async function previousRound(db: Database, requestId: string): Promise<PreviousRound | null> {
  return reading(db, async (orm) => {
    const [refusal] = await orm
      .select({ seq: auditEvents.seq, reasons: auditEvents.reasons })
      .from(auditEvents)
      .where(and(eq(auditEvents.stream, `request:${requestId}`), eq(auditEvents.type, "gate.refused")))
      .orderBy(desc(auditEvents.seq))
      .limit(1);
    if (!refusal) return null;
    const before = await orm
      .select({ evaluation: evaluations.evaluation, description: evaluations.description })
      .from(evaluations)
      .where(and(eq(evaluations.requestId, requestId), lt(evaluations.seq, refusal.seq)))
      .orderBy(desc(evaluations.seq));
    return {
      reasons: refusal.reasons,
      description: before.find((row) => row.description !== null)?.description ?? null,
      evaluation: before.find((row) => row.evaluation !== null)?.evaluation ?? null,
    };
  });
}
