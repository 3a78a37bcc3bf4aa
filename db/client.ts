import { DrizzleQueryError } from "drizzle-orm";
import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { CountersignError } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import { openTransactions, type Transaction, type Transactions } from "./transactions.ts";

export type Orm = PostgresJsDatabase;
export type { Transaction };

export type Database = {
  orm: Orm;
  sql: postgres.Sql;
  transactions: Transactions;
  close(): Promise<void>;
};

/**
 * Opens a pool for what is read and one for transactions, of at most `max` connections each. Nothing is dialled
 * before the first query, so a process can start before its database.
 */
export function connect(url: string, { max = LIMITS.databaseConnections }: { max?: number } = {}): Database {
  const sql = open(url, { max });
  const transactions = openTransactions((onclose) => open(url, { max: 1, onclose }), max);
  const close = async () => {
    await Promise.all([sql.end({ timeout: LIMITS.databaseSeconds }), transactions.close()]);
  };
  return { orm: drizzle(sql), sql, transactions, close };
}

function open(url: string, options: { max: number; onclose?: () => void }): postgres.Sql {
  return postgres(url, {
    ...options,
    connect_timeout: LIMITS.databaseSeconds,
    // The default grows to twenty seconds, and queries would queue behind it after the database is back.
    backoff: (retries: number) => Math.min(0.05 * 2 ** retries, 1),
    onnotice: () => {},
    connection: {
      application_name: "countersign",
      TimeZone: "UTC",
      statement_timeout: LIMITS.databaseSeconds * 1000,
      idle_in_transaction_session_timeout: LIMITS.databaseSeconds * 2000,
    },
  });
}

/** Every read goes through here, so that an unreachable database is one error everywhere. */
export async function reading<T>(db: Database, work: (orm: Orm) => Promise<T>): Promise<T> {
  return answered(() => work(db.orm));
}

/** Every write goes through here: all of it stands, or none. */
export async function writing<T>(db: Database, work: (transaction: Transaction) => Promise<T>): Promise<T> {
  return answered((signal) => db.transactions.run(work, signal));
}

/**
 * A server that is stopped without closing its sockets answers nothing at all, so the wait has an end
 * of its own. The work may still be committed afterwards; every writer here may be repeated.
 */
async function answered<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const enough = new AbortController();
  const silence = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const error = new CountersignError("DATABASE_UNAVAILABLE", "No answer in time.");
      reject(error);
      enough.abort(error);
    }, LIMITS.databaseAnswerSeconds * 1000);
  });
  try {
    return await Promise.race([work(enough.signal), silence]);
  } catch (error) {
    throw translated(error);
  } finally {
    clearTimeout(timer);
  }
}

function translated(error: unknown): unknown {
  const cause = error instanceof DrizzleQueryError ? error.cause : error;
  const code = codeOf(cause);
  if (code !== null && isUnavailable(code)) {
    return new CountersignError("DATABASE_UNAVAILABLE", `The driver says ${code}.`, { cause });
  }
  return error;
}

/** The SQLSTATE or the driver's own code, whichever kind of failure it was. */
export function codeOf(error: unknown): string | null {
  if (error instanceof DrizzleQueryError) return codeOf(error.cause);
  if (typeof error !== "object" || error === null || !("code" in error)) return null;
  return typeof error.code === "string" ? error.code : null;
}

/** Codes after which the same call may succeed later: not reached, restarting, full, too slow, or a deadlock. */
function isUnavailable(code: string): boolean {
  if (DRIVER_CODES.has(code)) return true;
  return /^(08|53|57P0|40)/.test(code) || code === "57014" || code === "55P03" || code === "25P03";
}

const DRIVER_CODES = new Set([
  "CONNECT_TIMEOUT",
  "CONNECTION_CLOSED",
  "CONNECTION_DESTROYED",
  "CONNECTION_ENDED",
  "EAI_AGAIN",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOENT",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
]);
