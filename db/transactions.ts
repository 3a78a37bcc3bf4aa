import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import type postgres from "postgres";

export type Transaction = Parameters<Parameters<PostgresJsDatabase["transaction"]>[0]>[0];

export type Transactions = {
  /** All of it stands, or none. Ends at the signal: the connection is given up, and nothing more is said on it. */
  run<T>(work: (transaction: Transaction) => Promise<T>, signal: AbortSignal): Promise<T>;
  close(): Promise<void>;
};

/** Opens a client of one connection, which tells when that is lost. */
export type OpenClient = (onclose: () => void) => postgres.Sql;

/**
 * Transactions, each on a connection of its own. The driver's `begin` talks on after its connection was lost:
 * that throws outside of any promise, which ends the process, or reaches a connection that was dialled again, where
 * the rest of the transaction would stand without its beginning. Here nothing is said after a loss, and a
 * connection that was lost once is never used again.
 */
export function openTransactions(open: OpenClient, max: number): Transactions {
  const idle: Line[] = [];
  const all = new Set<Line>();
  const waiting: Array<() => void> = [];
  let under = 0;

  async function take(signal: AbortSignal): Promise<Line> {
    while (under >= max && !signal.aborted) await new Promise<void>((resolve) => waiting.push(resolve));
    if (signal.aborted) {
      waiting.shift()?.();
      signal.throwIfAborted();
    }
    under += 1;
    for (let line = idle.pop(); line !== undefined; line = idle.pop()) if (!line.lost) return line;
    const line = dial(open, () => all.delete(line));
    all.add(line);
    return line;
  }

  function giveBack(line: Line): void {
    under -= 1;
    if (!line.lost) idle.push(line);
    waiting.shift()?.();
  }

  return {
    async run(work, signal) {
      const line = await take(signal);
      const giveUp = () => line.drop();
      signal.addEventListener("abort", giveUp, { once: true });
      try {
        return await transact(line, work);
      } finally {
        signal.removeEventListener("abort", giveUp);
        giveBack(line);
      }
    },
    async close() {
      await Promise.all([...all].map((line) => line.end()));
    },
  };
}

type Line = {
  client: postgres.Sql;
  lost: boolean;
  /** Closes it without waiting for anybody. */
  drop(): void;
  end(): Promise<void>;
};

function dial(open: OpenClient, gone: () => void): Line {
  const client = open(() => {
    line.lost = true;
    gone();
  });
  const line: Line = {
    client,
    lost: false,
    drop() {
      line.lost = true;
      gone();
      void client.end({ timeout: 0 });
    },
    async end() {
      line.lost = true;
      await client.end({ timeout: CLOSE_SECONDS });
    },
  };
  return line;
}

const CLOSE_SECONDS = 4;

async function transact<T>(line: Line, work: (transaction: Transaction) => Promise<T>): Promise<T> {
  let over = false;
  const say: postgres.Sql["unsafe"] = (text, values, options) => {
    if (over || line.lost) throw connectionClosed();
    return line.client.unsafe(text, values, options);
  };
  try {
    await say("begin");
    const result = await drizzled(say, line.client).transaction(work);
    // A transaction in which a statement failed is rolled back by COMMIT, and says so only in its answer.
    const { command } = await say("commit");
    if (command !== "COMMIT") throw new Error(`The transaction could not be committed: ${command}.`);
    return result;
  } catch (error) {
    if (!line.lost) await say("rollback").catch(() => line.drop());
    throw error;
  } finally {
    over = true;
  }
}

/** Drizzle asks its client for `begin`; ours has begun already. */
function drizzled(say: postgres.Sql["unsafe"], { options }: postgres.Sql): PostgresJsDatabase {
  const client = { unsafe: say, options, begin: (inside: (client: unknown) => unknown) => inside(client) };
  return drizzle(client as unknown as postgres.Sql);
}

function connectionClosed(): Error {
  return Object.assign(new Error("The connection was lost in the middle of a transaction."), {
    code: "CONNECTION_CLOSED",
  });
}
