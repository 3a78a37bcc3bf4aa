import { setTimeout as sleep } from "node:timers/promises";
import { type Announced, announce } from "../activities/announce.ts";
import type { AnnounceContext } from "../activities/context.ts";
import { LIMITS } from "../core/limits.ts";
import { markEnded, postponed, requestsToAnnounce } from "../db/announcements.ts";
import { newestDelegation } from "../db/delegations.ts";
import type { ChangeFeed } from "../db/read/change-feed.ts";
import { createLines } from "./lines.ts";

export type Announcer = {
  /** Takes nothing new, and resolves when what is under way has ended. */
  close(): Promise<void>;
};

/**
 * Keeps every surface right: a change is heard through the feed, and whatever was not heard is found by looking
 * every few seconds. A request is announced by one process at a time and once at a time; what changes meanwhile
 * is announced after it. Nothing here has to be remembered: a process that is killed is followed by any other.
 */
export function startAnnouncer(context: AnnounceContext, feed: ChangeFeed): Announcer {
  const queue = new Set<string>();
  const running = new Map<string, Promise<void>>();
  const dirty = new Set<string>();
  const closing = new AbortController();
  const lines = createLines(enqueue);
  /** Aborted when the feed may have missed something. */
  let missed = new AbortController();
  /** Configuration and delegations under which everything was looked at. */
  let swept: string | null = null;

  function enqueue(id: string): void {
    if (closing.signal.aborted) return;
    if (running.has(id)) dirty.add(id);
    else queue.add(id);
    fill();
  }

  function fill(): void {
    for (const id of queue) {
      if (running.size >= LIMITS.announceAtOnce) return;
      queue.delete(id);
      running.set(id, run(id));
    }
  }

  async function run(id: string): Promise<void> {
    const left = await attempt(context, id);
    running.delete(id);
    if (closing.signal.aborted) return;
    lines.ended(id, left.kind === "turn" ? left : null);
    if (left.kind === "again") void later(left.at, id);
    if (dirty.delete(id)) enqueue(id);
    fill();
  }

  async function later(at: number, id: string): Promise<void> {
    const ms = at - context.now();
    // Longer waits are the database's to remember.
    if (ms > LIMITS.announceSweepSeconds * 1000) return;
    if (await paused(ms, closing.signal)) enqueue(id);
  }

  async function sweep(): Promise<void> {
    const { configuration } = await context.inForce();
    if (configuration.slack === null) return;
    const { db, me, now } = context;
    // Another configuration may name other conversations, a delegation changes whom cards name, and another
    // release may draw differently.
    const under = `${configuration.version} ${await newestDelegation(db)}`;
    const all = swept !== under;
    if (all) await markEnded(db);
    const limit = all ? LIMITS.announceStartRequests : LIMITS.announceSweepRequests;
    const found = await requestsToAnnounce(db, { limit, now: now(), me, all });
    // What is being looked at this moment may be looked at by the configuration before.
    for (const id of found) if ((all || !running.has(id)) && !lines.has(id)) enqueue(id);
    swept = under;
  }

  async function sweeping(): Promise<void> {
    do {
      missed = new AbortController();
      try {
        await sweep();
      } catch (error) {
        context.log.warn({ error: messageOf(error) }, "What is to be shown could not be looked for.");
      }
      await paused(LIMITS.announceSweepSeconds * 1000, AbortSignal.any([missed.signal, closing.signal]));
    } while (!closing.signal.aborted);
  }

  const unsubscribe = feed.subscribe(null, (id) => {
    if (id === null) missed.abort();
    else enqueue(id);
  });
  const sweeps = sweeping();
  return {
    async close() {
      closing.abort();
      unsubscribe();
      lines.close();
      await Promise.all([sweeps, ...running.values()]);
    },
  };
}

/** Never rejects: what goes wrong is told and looked at again. */
async function attempt(context: AnnounceContext, id: string): Promise<Announced> {
  try {
    return await announce(context, id);
  } catch (error) {
    context.log.warn({ requestId: id, error: messageOf(error) }, "A request could not be shown as it is.");
    const at = context.now() + LIMITS.announceRetrySeconds * 1000;
    await postponed(context.db, id, context.me, at).catch(() => undefined);
    return { kind: "again", at };
  }
}

/** Whether it lasted to its end. */
async function paused(ms: number, signal: AbortSignal): Promise<boolean> {
  return sleep(Math.max(0, ms), true, { signal }).catch(() => false);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
