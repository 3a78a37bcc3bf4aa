import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import { LIMITS } from "../../core/limits.ts";
import { CHANGES } from "../changes.ts";
import { connect, reading } from "../client.ts";

/** `null` stands for any request: the connection was away and something may have been missed. */
export type Changed = (requestId: string | null) => void;

export type ChangeFeed = {
  /** Resolves when the request's revision is greater, at the timeout, on abort, or at close; read again then. */
  waitFor(requestId: string, afterRevision: number, timeoutMs: number, signal?: AbortSignal): Promise<void>;
  /** Calls back on each change of this request, or of every request. Answers how to stop. */
  subscribe(requestId: string | null, changed: Changed): () => void;
  close(): Promise<void>;
};

/**
 * One listening connection for a whole process. It is dialled at the first use and again whenever it is lost;
 * after that, and every few seconds, everybody looks again, so that no lost notification leaves anyone waiting.
 */
export function openChangeFeed(url: string): ChangeFeed {
  const reader = connect(url, { max: 2 });
  const subscribers = new Set<{ requestId: string | null; changed: Changed }>();
  const closing = new AbortController();
  let listening: Promise<void> | null = null;

  const tell = (requestId: string | null) => {
    for (const subscriber of [...subscribers]) {
      if (requestId === null || subscriber.requestId === null || subscriber.requestId === requestId) {
        subscriber.changed(requestId);
      }
    }
  };

  const subscribe: ChangeFeed["subscribe"] = (requestId, changed) => {
    listening ??= listen(url, tell, closing.signal);
    const subscriber = { requestId, changed };
    subscribers.add(subscriber);
    return () => subscribers.delete(subscriber);
  };

  const hasPassed = async (requestId: string, revision: number): Promise<boolean> => {
    try {
      return (await reading(reader, (orm) => orm.execute<{ revision: number }>(revisionOf(requestId)))).some(
        (row) => row.revision > revision,
      );
    } catch {
      // An unreachable database is told to whoever reads next; here it only means: not yet.
      return false;
    }
  };

  return {
    subscribe,
    async waitFor(requestId, afterRevision, timeoutMs, signal) {
      const done = new AbortController();
      const stops = AbortSignal.any([done.signal, closing.signal, ...(signal ? [signal] : [])]);
      const ended = pause(timeoutMs, stops).then(() => done.abort());
      const bell = createBell();
      const unsubscribe = subscribe(requestId, bell.ring);
      try {
        while (!done.signal.aborted) {
          // Taken before looking, so that a change during the look is heard.
          const rung = bell.next();
          if (await hasPassed(requestId, afterRevision)) return;
          await Promise.race([rung, ended]);
        }
      } finally {
        unsubscribe();
        done.abort();
      }
    },
    async close() {
      closing.abort();
      await Promise.all([listening, reader.close()]);
    },
  };
}

/** The same sum as `RequestRecord.revision`. */
function revisionOf(requestId: string) {
  return sql`
    select seq + 1
      + (select count(*)::int from executions e where e.request_id = r.id and e.status = 'claimed')
      + (select count(*)::int from outcomes o where o.request_id = r.id)
      + (select count(*)::int from resolutions s where s.request_id = r.id) as revision
    from requests r where r.id = ${requestId}`;
}

async function listen(url: string, tell: Changed, closing: AbortSignal): Promise<void> {
  while (!closing.aborted) {
    await listenOnce(url, tell, closing).catch(() => undefined);
    await pause(RECONNECT_MS, closing);
  }
}

/** Until the connection is lost, or does not answer any more. */
async function listenOnce(url: string, tell: Changed, closing: AbortSignal): Promise<void> {
  const lost = new AbortController();
  const options = {
    max: 1,
    max_lifetime: null,
    fetch_types: false,
    connect_timeout: LIMITS.databaseSeconds,
    connection: { application_name: "countersign-changes" },
    onnotice: () => {},
    onclose: () => lost.abort(),
    // Not in the driver's types; its own `listen` uses it, but that one gives up when a reconnect fails.
    onnotify: (channel: string, payload: string) => {
      if (channel === CHANGES) tell(payload);
    },
  };
  const connection = postgres(url, options);
  const ended = AbortSignal.any([lost.signal, closing]);
  try {
    await connection.unsafe(`listen ${CHANGES}`);
    while (!ended.aborted) {
      tell(null);
      await pause(LIMITS.changePollSeconds * 1000, ended);
      if (!ended.aborted) await answers(connection);
    }
  } finally {
    await connection.end({ timeout: 0 });
  }
}

/** A connection whose other end vanished without a word looks alive until it is asked. */
async function answers(connection: postgres.Sql): Promise<void> {
  const silence = sleep(LIMITS.databaseAnswerSeconds * 1000, null, { ref: false });
  if ((await Promise.race([connection`select 1`, silence])) === null) throw new Error("no answer");
}

const RECONNECT_MS = 500;

/** Waits, but not longer than the signal lets it. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
}

type Bell = { ring: () => void; next: () => Promise<void> };

function createBell(): Bell {
  let ring: () => void = () => undefined;
  return {
    ring: () => ring(),
    next: () =>
      new Promise((resolve) => {
        ring = resolve;
      }),
  };
}
