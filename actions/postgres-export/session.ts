import postgres, { type Sql } from "postgres";
import { LIMITS } from "../../core/limits.ts";

export type Session = {
  /** Refuses to speak once the connection is gone: what it says must be said inside the transaction. */
  sql: Sql;
  /** Rows of the statement in batches, each value as the server's own text. Ends on the server, too, when the signal aborts. */
  rows(statement: string, signal: AbortSignal): AsyncGenerator<(Buffer | null)[][]>;
};

export type SessionSettings = {
  url: string;
  /** The role the configuration names: connecting as anybody else is refused. */
  role: string;
  statementSeconds: number;
  lockSeconds: number;
};

/** The connection is not the one the configuration describes. */
export class WrongSession extends Error {
  override readonly name = "WrongSession";
}

/**
 * Runs `work` in one read-only transaction of the role we expect, with every setting that changes
 * how a statement reads or what its values look like fixed by us, whatever the role or database says.
 *
 * Not with the library's own `begin`: version 3.4.9 writes to a socket that is null when a connection
 * breaks inside of it, and that exception ends the process. So nothing is sent after a loss or a
 * failure; the connection is closed, and the server forgets a read-only transaction by itself.
 */
export async function readOnly<T>(settings: SessionSettings, work: (session: Session) => Promise<T>): Promise<T> {
  let lost = false;
  const client = postgres(settings.url, {
    max: 1,
    connect_timeout: LIMITS.connectSeconds,
    idle_timeout: 0,
    max_lifetime: null,
    fetch_types: false,
    onnotice: () => undefined,
    onclose: () => {
      lost = true;
    },
    connection: { application_name: "countersign", default_transaction_read_only: true },
  });
  const alive = () => {
    if (lost) throw Object.assign(new Error("The connection is gone."), { code: "CONNECTION_CLOSED" });
  };
  const sql = guarded(client, alive);
  let done = false;
  try {
    await setUp(sql, settings);
    const result = await work({ sql, rows: (statement, signal) => rowsOf(client, alive, statement, signal) });
    await sql`commit`;
    done = true;
    return result;
  } finally {
    await client.end({ timeout: done ? CLOSE_SECONDS : 0 });
  }
}

const CLOSE_SECONDS = 2;

/** A lost connection would be dialled again by the next query, which would then run outside the transaction. */
function guarded(client: Sql, alive: () => void): Sql {
  return new Proxy(client, {
    apply: (target, self, parameters) => {
      alive();
      return Reflect.apply(target, self, parameters);
    },
    get: (target, name, receiver) => {
      alive();
      return Reflect.get(target, name, receiver);
    },
  });
}

/**
 * A cursor uses the extended protocol: the statement goes out exactly as it was approved, and the
 * server refuses a second one there. The iterator's `return` is never called: it would write as well.
 */
async function* rowsOf(
  client: Sql,
  alive: () => void,
  statement: string,
  signal: AbortSignal,
): AsyncGenerator<(Buffer | null)[][]> {
  const query = client.unsafe(statement).raw();
  const cursor = query.cursor(LIMITS.exportBatchRows) as unknown as AsyncIterable<(Buffer | null)[][]>;
  const batches = cursor[Symbol.asyncIterator]();
  const stop = () => {
    // The library opens a second connection for this, and says with a rejected promise if it could not.
    Promise.resolve(query.cancel() as unknown).catch(() => undefined);
    // A cancel that arrives between two fetches is lost; a closed connection is not.
    client.end({ timeout: CLOSE_SECONDS }).catch(() => undefined);
  };
  signal.addEventListener("abort", stop, { once: true });
  try {
    while (!signal.aborted) {
      alive();
      const batch = await batches.next();
      if (batch.done) return;
      yield batch.value;
    }
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

async function setUp(sql: Sql, settings: SessionSettings): Promise<void> {
  // The server then ends a query whose process was killed. Not every platform has it, so not inside the transaction.
  await sql`select pg_catalog.set_config('client_connection_check_interval', '5000', false)`.catch(() => undefined);
  await sql`begin isolation level repeatable read read only`;
  const fixed: [string, string][] = [
    // pg_catalog first, so that nobody's function of the same name comes before Postgres's own.
    ["search_path", "pg_catalog, public, pg_temp"],
    ["standard_conforming_strings", "on"],
    ["transform_null_equals", "off"],
    ["row_security", "on"],
    ["TimeZone", "UTC"],
    ["DateStyle", "ISO, MDY"],
    ["IntervalStyle", "postgres"],
    ["bytea_output", "hex"],
    ["extra_float_digits", "1"],
    ["lc_monetary", "C"],
    ["lc_numeric", "C"],
    ["statement_timeout", String(settings.statementSeconds * 1000)],
    ["lock_timeout", String(settings.lockSeconds * 1000)],
    // A process that vanished must not keep the snapshot, and with it the dead rows, for ever.
    ["idle_in_transaction_session_timeout", String(LIMITS.idleInTransactionSeconds * 1000)],
  ];
  for (const [name, value] of fixed) await sql`select pg_catalog.set_config(${name}, ${value}, true)`;
  const [who] = await sql<{ current: string; session: string; superuser: boolean; readOnly: string }[]>`
    select current_user::text as current, session_user::text as session, rolsuper as superuser,
           pg_catalog.current_setting('transaction_read_only') as "readOnly"
    from pg_catalog.pg_roles where rolname = current_user`;
  if (who?.current !== settings.role || who.session !== settings.role) {
    throw new WrongSession(`The connection belongs to another role than ${settings.role}, which the target names.`);
  }
  if (who.superuser) {
    throw new WrongSession(`The role ${settings.role} is a superuser, which no privilege can hold back.`);
  }
  if (who.readOnly !== "on") throw new WrongSession("The transaction is not read-only.");
}
