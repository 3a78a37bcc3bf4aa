import fc from "fast-check";
import { expect, test } from "vitest";
import { announce } from "../../activities/announce.ts";
import type { AnnounceContext } from "../../activities/context.ts";
import { record } from "../../db/record.ts";
import { surfacesOf } from "../../db/surfaces.ts";
import { ended, later, NOON, pending } from "../db/fixture.ts";
import { wordsOf } from "../support/slack/driver.ts";
import type { Fault } from "../support/slack/faults.ts";
import { announcing } from "./announcing.ts";

const w = announcing();

/** What may happen to one announcement: to a call, or to the process around it. */
const accident = fc.constantFrom<Fault | "killedBefore" | "killedAfter" | null>(
  { kind: "lost" },
  { kind: "unreached" },
  { kind: "status", status: 503 },
  { kind: "error", error: "internal_error" },
  { kind: "error", error: "not_in_channel" },
  { kind: "rateLimited", retryAfter: 1 },
  { kind: "rateLimited", retryAfter: null },
  "killedBefore",
  "killedAfter",
  null,
);
const steps = fc.array(fc.record({ accident, happens: fc.boolean(), processes: fc.integer({ min: 1, max: 3 }) }), {
  minLength: 1,
  maxLength: 6,
});

test("whatever goes wrong on the way, at the end there is one card that is right, and its thread tells each thing once", async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.boolean(), async (all, ends) => {
      const id = await w.pendingRequest();
      let seq = 1;
      for (const { accident, happens, processes } of all) {
        if (happens) await extended(id, ++seq);
        await announcedWith(accident, id, processes);
        await waited();
      }
      if (ends) await record(w.app, later(id, ++seq, pending(id, { phase: "ended", outcome: ended("expired") })));
      const wasShown = (await surfacesOf(w.app, id)).some((one) => one.message !== null || one.uncertainSince !== null);
      for (let n = 0; n < 3; n += 1) {
        await waited();
        await announce(w.process(), id);
      }
      const cards = await w.shown(id);
      expect(cards).toHaveLength(ends && !wasShown ? 0 : 1);
      for (const card of cards) {
        expect(card.words.includes("xpired")).toBe(ends);
        const told = card.thread.map((reply) => wordsOf(reply.blocks)).join("\n");
        const moved = all.filter((step) => step.happens).length;
        expect(told.match(/moved the deadline/g) ?? []).toHaveLength(moved);
      }
    }),
    { numRuns: 40 },
  );
});

/** As if all waits and leases were over: our clock cannot go ahead of Slack's by hours. */
async function waited(): Promise<void> {
  await w.admin.sql`update surfaces set retry_at = null`;
  await w.admin.sql`update announcements set leased_till = null`;
  await w.admin.sql`delete from conversation_paces`;
}

async function extended(id: string, seq: number): Promise<void> {
  const by = "person:alice" as const;
  const happened = [{ type: "request.extended" as const, by, reasons: [], data: { deadlineAt: NOON + seq * 1_000 } }];
  const entry = {
    at: NOON + seq * 1_000,
    cause: { kind: "step" as const, event: { kind: "tick" as const } },
    happened,
  };
  await record(w.app, later(id, seq, pending(id, { deadlineAt: NOON + 3_600_000 + seq * 60_000 }), { entry }));
}

async function announcedWith(accident: Fault | "killedBefore" | "killedAfter" | null, id: string, processes: number) {
  const contexts = Array.from({ length: processes }, () => w.process());
  const [first = w.process(), ...others] = contexts;
  const killed = accident === "killedBefore" || accident === "killedAfter";
  if (accident !== null && !killed) w.slack.proxy.faults.add("*", accident, { times: 1 });
  const all = [killed ? dying(first, accident) : first, ...others];
  await Promise.all(all.map((context) => announce(context, id).catch(() => undefined)));
  w.slack.proxy.faults.clear();
}

/** Ends in the middle of its first call, before or after Slack has done it. */
function dying(context: AnnounceContext, when: "killedBefore" | "killedAfter"): AnnounceContext {
  const { channel } = context;
  const dies = async <T>(call: () => Promise<T>): Promise<T> => {
    if (when === "killedAfter") await call();
    throw new Error("killed");
  };
  return {
    ...context,
    channel: {
      ...channel,
      post: (given) => dies(() => channel.post(given)),
      reply: (given) => dies(() => channel.reply(given)),
      update: (place, payload) => dies(() => channel.update(place, payload)),
    },
  };
}
