import postgres, { type TransactionSql } from "postgres";
import { LIMITS } from "../../core/limits.ts";

export type Session = {
  sql: TransactionSql;
  /** Ends what is running, on the server too. */
  cancelOn(query: { cancel(): void }, signal: AbortSignal): () => void;
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
 */
export async function readOnly<T>(settings: SessionSettings, work: (session: Session) => Promise<T>): Promise<T> {
  const client = postgres(settings.url, {
    max: 1,
    connect_timeout: LIMITS.connectSeconds,
    idle_timeout: 0,
    max_lifetime: null,
    fetch_types: false,
    onnotice: () => undefined,
    connection: { application_name: "countersign" },
  });
  const cancelOn: Session["cancelOn"] = (query, signal) => {
    const cancel = () => {
      query.cancel();
      // A cancel that comes between two fetches is lost; closing the connection is not.
      void client.end({ timeout: CANCEL_SECONDS });
    };
    signal.addEventListener("abort", cancel, { once: true });
    if (signal.aborted) cancel();
    return () => signal.removeEventListener("abort", cancel);
  };
  try {
    const result = await client.begin("isolation level repeatable read read only", async (sql) => {
      await fix(sql, settings);
      return { value: await work({ sql, cancelOn }) };
    });
    return (result as { value: T }).value;
  } finally {
    await client.end({ timeout: CANCEL_SECONDS });
  }
}

const CANCEL_SECONDS = 2;

async function fix(sql: TransactionSql, settings: SessionSettings): Promise<void> {
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
  // The server then ends a query whose process was killed. Not every platform has it.
  await sql
    .savepoint((inner) => inner`select pg_catalog.set_config('client_connection_check_interval', '5000', true)`)
    .catch(() => undefined);

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
