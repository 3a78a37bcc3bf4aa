import { and, desc, eq, sql } from "drizzle-orm";
import type { Deliberation } from "../../core/deliberation-types.ts";
import { type Database, reading } from "../client.ts";
import { auditEvents } from "../schema/audit-events.ts";
import { messages } from "../schema/messages.ts";
import { requests } from "../schema/requests.ts";

/** What became of a message, once the record says so. */
export type RecordedAnswer = { recorded: true } | { recorded: false; code: string };

/**
 * null: the record does not know this message yet, or not what it came to. A message that wants an action not to
 * start is kept before it is known whether it came too late, and then refused in a later entry.
 */
export async function answerTo(db: Database, requestId: string, messageId: string): Promise<RecordedAnswer | null> {
  return reading(db, async (orm) => {
    const ofMessage = and(eq(messages.requestId, requestId), eq(messages.messageId, messageId));
    // Read before the refusals, so that what is settled meanwhile is not taken for what it was before.
    const [kept] = await orm
      .select({ seq: messages.seq, state: requests.state })
      .from(messages)
      .innerJoin(requests, eq(requests.id, messages.requestId))
      .where(ofMessage);
    const [refused] = await orm
      .select({ seq: auditEvents.seq, reasons: auditEvents.reasons })
      .from(auditEvents)
      .where(
        and(
          eq(auditEvents.requestId, requestId),
          eq(auditEvents.type, "review.refused"),
          sql`${auditEvents.data} ->> 'messageId' = ${messageId}`,
        ),
      )
      .orderBy(desc(auditEvents.id))
      .limit(1);
    if (refused !== undefined && (kept === undefined || refused.seq > kept.seq)) {
      return { recorded: false, code: refused.reasons[0]?.code ?? "REVIEW_NOT_ALLOWED" };
    }
    return kept === undefined || isBeingSettled(kept.state, messageId) ? null : { recorded: true };
  });
}

function isBeingSettled(state: Deliberation | null, messageId: string): boolean {
  const settling = state?.phase === "settling" ? state.settling : null;
  return settling !== null && "message" in settling && settling.message.id === messageId;
}
