import { sql } from "drizzle-orm";
import type { Instant } from "../core/principal.ts";
import { type Database, writing } from "./client.ts";
import { conversationPaces } from "./schema/conversation-paces.ts";

export type Turn = { ok: true } | { ok: false; waitMs: number };

/**
 * Takes the next turn in a conversation if it has come: of all processes one gets it, and the next comes
 * `everyMs` later. Nobody reserves a place in a queue, so a process that dies holds nothing up.
 */
export async function reserveTurn(
  db: Database,
  channel: string,
  conversation: string,
  now: Instant,
  everyMs: number,
): Promise<Turn> {
  return writing(db, async (transaction) => {
    const taken = await transaction
      .insert(conversationPaces)
      .values({ channel, conversation, nextAt: now + everyMs })
      .onConflictDoUpdate({
        target: [conversationPaces.channel, conversationPaces.conversation],
        set: { nextAt: now + everyMs },
        setWhere: sql`${conversationPaces.nextAt} <= ${param(now)}`,
      })
      .returning({ nextAt: conversationPaces.nextAt });
    if (taken.length > 0) return { ok: true };
    const [row] = await transaction
      .select({ nextAt: conversationPaces.nextAt })
      .from(conversationPaces)
      .where(sql`${conversationPaces.channel} = ${channel} and ${conversationPaces.conversation} = ${conversation}`);
    return { ok: false, waitMs: Math.max(1, (row?.nextAt ?? now) - now) };
  });
}

/** Nobody's turn comes before then: the vendor said so. */
export async function holdConversation(
  db: Database,
  channel: string,
  conversation: string,
  until: Instant,
): Promise<void> {
  await writing(db, (transaction) =>
    transaction
      .insert(conversationPaces)
      .values({ channel, conversation, nextAt: until })
      .onConflictDoUpdate({
        target: [conversationPaces.channel, conversationPaces.conversation],
        set: { nextAt: sql`greatest(${conversationPaces.nextAt}, ${param(until)})` },
      }),
  );
}

function param(at: Instant) {
  return sql`${new Date(at).toISOString()}::timestamptz`;
}
