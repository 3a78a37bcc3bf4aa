import { and, eq, sql } from "drizzle-orm";
import { type Database, reading } from "../client.ts";
import { auditEvents } from "../schema/audit-events.ts";
import { messages } from "../schema/messages.ts";

/** What became of a message, once the record says so. */
export type RecordedAnswer = { recorded: true } | { recorded: false; code: string };

/** null: the record does not know this message yet. */
export async function answerTo(db: Database, requestId: string, messageId: string): Promise<RecordedAnswer | null> {
  return reading(db, async (orm) => {
    const ofMessage = and(eq(messages.requestId, requestId), eq(messages.messageId, messageId));
    const kept = await orm.select({ seq: messages.seq }).from(messages).where(ofMessage).limit(1);
    if (kept.length > 0) return { recorded: true };
    const refused = await orm
      .select({ reasons: auditEvents.reasons })
      .from(auditEvents)
      .where(
        and(
          eq(auditEvents.requestId, requestId),
          eq(auditEvents.type, "review.refused"),
          sql`${auditEvents.data} ->> 'messageId' = ${messageId}`,
        ),
      )
      .limit(1);
    const [row] = refused;
    return row === undefined ? null : { recorded: false, code: row.reasons[0]?.code ?? "REVIEW_NOT_ALLOWED" };
  });
}
