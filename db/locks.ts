import { sql } from "drizzle-orm";
import type { Transaction } from "./client.ts";

/**
 * Advisory locks, all held to the end of the transaction and always taken in this order:
 * freezes, then one request, then administration.
 */

/** Shared by whoever starts an action, exclusive for whoever throws a switch. */
export const FREEZE_LOCK = 7_203_114_551;
export const ADMINISTRATION_LOCK = 7_203_114_552;

export async function lockExclusively(transaction: Transaction, lock: number): Promise<void> {
  await transaction.execute(sql`select pg_advisory_xact_lock(${lock}::bigint)`);
}

export async function lockShared(transaction: Transaction, lock: number): Promise<void> {
  await transaction.execute(sql`select pg_advisory_xact_lock_shared(${lock}::bigint)`);
}

/**
 * One writer of a request at a time: its events get their ids in the order they are committed,
 * so that a reader who pages by id misses none.
 */
export async function lockRequest(transaction: Transaction, requestId: string): Promise<void> {
  await transaction.execute(sql`select pg_advisory_xact_lock(hashtext(${REQUEST_LOCKS}), hashtext(${requestId}))`);
}

const REQUEST_LOCKS = "countersign request";
