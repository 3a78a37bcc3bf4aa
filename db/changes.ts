import { sql } from "drizzle-orm";
import type { Transaction } from "./client.ts";

/** Name of the NOTIFY channel; the payload is the id of the request that changed. */
export const CHANGES = "countersign_changes";

/** Heard by every waiting page and call when this transaction commits, and not before. */
export async function announceChange(transaction: Transaction, requestId: string): Promise<void> {
  await transaction.execute(sql`select pg_notify(${CHANGES}, ${requestId})`);
}
