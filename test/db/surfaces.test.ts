import { describe, expect, test } from "vitest";
import { announced, leaseAnnouncement, markEnded, postponed, requestsToAnnounce } from "../../db/announcements.ts";
import { claim, writeOutcome } from "../../db/claim.ts";
import { connect } from "../../db/client.ts";
import { holdConversation, reserveTurn } from "../../db/paces.ts";
import { previousRound } from "../../db/read/previous-round.ts";
import { requestById } from "../../db/read/requests.ts";
import { record } from "../../db/record.ts";
import { keepRender, renderShown } from "../../db/renders.ts";
import {
  intendReply,
  intendSurface,
  openReply,
  refusedSurfaces,
  replyPosted,
  replyPosting,
  surfaceById,
  surfaceDead,
  surfaceFailed,
  surfaceNotPosted,
  surfacePosted,
  surfacePosting,
  surfacesOf,
  surfaceUpdated,
} from "../../db/surfaces.ts";
import { claimOf, DESCRIPTION, EVALUATION, ended, FACTS_DIGEST, later, NOON, pending, report } from "./fixture.ts";
import { world } from "./world.ts";

const w = world();
const SHOWN = `sha256:${"5".repeat(64)}` as const;
const MINUTE = 60_000;

function place(requestId: string, id = `sfc_${requestId}`) {
  const where = { channel: "slack" as const, conversation: "C1", kind: "card" as const };
  return { ...where, id, requestId, generation: 1, toldUntil: null };
}

describe("a surface", () => {
  test("of two processes that intend the same place one writes it, and both have that one", async () => {
    const id = await w.pendingRequest();
    const both = await Promise.all([1, 2].map((n) => intendSurface(w.app, place(id, `sfc_${id}_${n}`), NOON)));
    expect(both[0]).toEqual(both[1]);
    expect(await surfacesOf(w.app, id)).toEqual([both[0]]);
    expect(both[0]).toMatchObject({ status: "intended", message: null, uncertainSince: null, failures: 0 });
  });

  test("stays uncertain from its first post on until it is known to be there", async () => {
    const surface = await intendSurface(w.app, place(await w.pendingRequest()), NOON);
    const now = async () => (await surfaceById(w.app, surface.id)) ?? surface;
    await surfacePosting(w.app, surface, NOON + 1);
    expect(await now()).toMatchObject({ uncertainSince: NOON + 1 });
    await surfaceNotPosted(w.app, surface, NOON + 2);
    expect(await now()).toMatchObject({ uncertainSince: null });
    await surfacePosting(w.app, surface, NOON + 3);
    const failed = { error: "no_answer", retryAt: NOON + 9, refused: false, uncertainSince: NOON + 3 };
    await surfaceFailed(w.app, surface, failed, NOON + 4);
    const uncertain = await now();
    expect(uncertain).toMatchObject({ status: "intended", error: "no_answer", failures: 1, uncertainSince: NOON + 3 });
    await surfacePosting(w.app, uncertain, NOON + 10);
    expect(await now()).toMatchObject({ uncertainSince: NOON + 3 });
    await surfacePosted(
      w.app,
      surface.id,
      { conversation: "D1", message: "1.2", shown: SHOWN, revision: 2 },
      NOON + 11,
    );
    const posted = { status: "posted", conversation: "D1", message: "1.2", shown: SHOWN, revision: 2 };
    expect(await now()).toMatchObject({ ...posted, uncertainSince: null, error: null, failures: 0, retryAt: null });
  });

  test("keeps the first message that is written down, and says so to whoever comes with another", async () => {
    const surface = await intendSurface(w.app, place(await w.pendingRequest()), NOON);
    const posted = { conversation: "C1", shown: SHOWN, revision: 2 };
    const answers = [];
    for (const message of ["1.1", "2.2", "1.1"]) {
      answers.push(await surfacePosted(w.app, surface.id, { ...posted, message }, NOON));
    }
    expect(answers).toEqual([true, false, true]);
    expect(await surfaceById(w.app, surface.id)).toMatchObject({ message: "1.1" });
  });

  test("that is refused can be seen by an operator, and not any more once it is served", async () => {
    const surface = await intendSurface(w.app, { ...place(await w.pendingRequest()), conversation: "C_refused" }, NOON);
    const failed = { error: "not_in_channel", retryAt: NOON + 9, refused: true, uncertainSince: null };
    await surfaceFailed(w.app, surface, failed, NOON + 4);
    const listed = { conversation: "C_refused", error: "not_in_channel", updatedAt: NOON + 4 };
    expect(await refusedSurfaces(w.app, 10)).toEqual([listed]);
    await surfaceUpdated(w.app, surface.id, { shown: SHOWN, revision: 3 }, NOON + 5);
    expect(await refusedSurfaces(w.app, 10)).toEqual([]);
  });

  test("that is dead leaves its place to the next generation", async () => {
    const id = await w.pendingRequest();
    const first = await intendSurface(w.app, place(id), NOON);
    await surfaceDead(w.app, first.id, "message_not_found", NOON + 1);
    await intendSurface(w.app, { ...place(id, "sfc_next"), generation: 2 }, NOON + 2);
    const both = await surfacesOf(w.app, id);
    expect(both.map(({ status, generation }) => [status, generation])).toEqual([
      ["dead", 1],
      ["intended", 2],
    ]);
  });

  test("its thread tells each event in one reply, whoever begins it", async () => {
    const surface = await intendSurface(w.app, place(await w.pendingRequest()), NOON);
    const reply = { id: "rpl_1", surfaceId: surface.id, afterEvent: "0", untilEvent: "7" };
    await Promise.all([reply, { ...reply, id: "rpl_2", untilEvent: "9" }].map((one) => intendReply(w.app, one, NOON)));
    const begun = await openReply(w.app, surface.id);
    if (begun === null) throw new Error("no reply");
    await replyPosting(w.app, begun, NOON + 1);
    expect(await openReply(w.app, surface.id)).toEqual({ ...begun, uncertainSince: NOON + 1 });
    await replyPosted(w.app, begun, "3.4", NOON + 2);
    expect(await openReply(w.app, surface.id)).toBeNull();
    expect(await surfaceById(w.app, surface.id)).toMatchObject({ toldUntil: begun.untilEvent });
  });

  test("what it showed stays as it was first kept", async () => {
    const requestId = await w.pendingRequest();
    const render = { surfaceId: "sfc_r", shown: SHOWN, requestId, renderer: "slack/1" };
    await keepRender(w.app, { ...render, drawing: { kind: "card", input: { a: 1 } } }, NOON);
    await keepRender(w.app, { ...render, drawing: { kind: "card", input: { a: 2 } } }, NOON);
    expect(await renderShown(w.app, "sfc_r", SHOWN)).toMatchObject({ drawing: { kind: "card", input: { a: 1 } } });
    expect(await renderShown(w.app, "sfc_other", SHOWN)).toBeNull();
  });
});

describe("an announcement", () => {
  test("of many processes that want a request one gets it, until its lease has passed", async () => {
    const id = await w.pendingRequest();
    const names = Array.from({ length: 8 }, (_, n) => `process_${n}`);
    const leases = await Promise.all(names.map((me) => leaseAnnouncement(w.app, id, me, NOON, NOON + MINUTE)));
    const winner = names[leases.findIndex((lease) => lease !== null)] ?? "";
    expect(leases.filter((lease) => lease !== null)).toEqual([{ revision: 0, final: false }]);
    expect(await leaseAnnouncement(w.app, id, winner, NOON, NOON + MINUTE)).not.toBeNull();
    expect(await leaseAnnouncement(w.app, id, "late", NOON + MINUTE - 1, NOON + 2 * MINUTE)).toBeNull();
    expect(await leaseAnnouncement(w.app, id, "late", NOON + MINUTE, NOON + 2 * MINUTE)).not.toBeNull();
    await announced(w.app, id, winner, { revision: 9, final: true, retryAt: null });
    expect(await leaseAnnouncement(w.app, id, "late", NOON + MINUTE, NOON + 2 * MINUTE)).toEqual({
      revision: 0,
      final: false,
    });
  });

  const due = (now: number, tweak: { all?: boolean; me?: string } = {}) =>
    requestsToAnnounce(w.app, { limit: 1_000, now, me: "me", all: false, ...tweak });

  async function looked(id: string, retryAt: number | null, final = false) {
    const revision = (await requestById(w.app, id))?.revision ?? 0;
    await leaseAnnouncement(w.app, id, "me", NOON, NOON + MINUTE);
    await announced(w.app, id, "me", { revision, final, retryAt });
  }

  test("is due from the beginning, again after each change whoever made it, and not after it", async () => {
    const id = await w.pendingRequest();
    expect(await due(NOON)).toContain(id);
    const changes = [
      () => record(w.app, later(id, 2, pending(id))),
      () => claim(w.executor, claimOf(id)),
      () => writeOutcome(w.executor, id, 1, report("unknown")),
    ];
    for (const change of changes) {
      await looked(id, null);
      expect(await due(NOON + MINUTE)).not.toContain(id);
      await change();
      expect(await due(NOON + MINUTE)).toContain(id);
    }
  });

  test("is due again when something was left, not before its time, and not while somebody else is at it", async () => {
    const id = await w.pendingRequest();
    await looked(id, NOON + MINUTE);
    expect(await due(NOON + MINUTE - 1)).not.toContain(id);
    expect(await due(NOON + MINUTE)).toContain(id);
    await leaseAnnouncement(w.app, id, "other", NOON + MINUTE, NOON + 2 * MINUTE);
    expect(await due(NOON + MINUTE)).not.toContain(id);
    expect(await due(NOON + MINUTE, { me: "other" })).toContain(id);
    expect(await due(NOON + 2 * MINUTE)).toContain(id);
    await postponed(w.app, id, "other", NOON + 3 * MINUTE);
    expect(await due(NOON + 3 * MINUTE - 1)).not.toContain(id);
    expect(await due(NOON + 3 * MINUTE)).toContain(id);
  });

  test("at the start everything open is due, and nothing that is over", async () => {
    const [open, over, old] = [await w.pendingRequest(), await w.pendingRequest(), await w.pendingRequest()];
    await looked(open, null);
    await looked(over, null, true);
    await record(w.app, later(old, 2, pending(old, { phase: "ended", outcome: ended("expired") })));
    await markEnded(w.app);
    const found = await due(NOON, { all: true });
    expect(found).toContain(open);
    expect(found).not.toContain(over);
    expect(found).not.toContain(old);
  });

  test("a request that nobody has looked at for days is found at a start only", async () => {
    const id = await w.pendingRequest();
    const later = NOON + 10 * 24 * 3600 * 1000;
    expect(await due(later)).not.toContain(id);
    expect(await due(later, { all: true })).toContain(id);
  });
});

describe("a conversation", () => {
  test("gives one turn of many that want it at once, over several connections, and the next after its pace", async () => {
    const others = connect(w.urls.appUrl, { max: 4 });
    try {
      const turns = (now: number) =>
        Promise.all(
          Array.from({ length: 20 }, (_, n) => reserveTurn(n % 2 ? others : w.app, "slack", "C_turn", now, 1_000)),
        );
      for (const now of [NOON, NOON + 1_000, NOON + 2_500]) {
        const taken = (await turns(now)).filter((turn) => turn.ok);
        expect(taken).toHaveLength(1);
        expect(await reserveTurn(w.app, "slack", "C_turn", now + 400, 1_000)).toEqual({ ok: false, waitMs: 600 });
      }
      expect(await reserveTurn(w.app, "slack", "C_other", NOON, 1_000)).toEqual({ ok: true });
    } finally {
      await others.close();
    }
  });

  test("that is held gives no turn until then, and a shorter hold does not end a longer one", async () => {
    await holdConversation(w.app, "slack", "C_hold", NOON + 5_000);
    await holdConversation(w.app, "slack", "C_hold", NOON + 2_000);
    expect(await reserveTurn(w.app, "slack", "C_hold", NOON + 2_000, 10)).toEqual({ ok: false, waitMs: 3_000 });
    expect(await reserveTurn(w.app, "slack", "C_hold", NOON + 5_000, 10)).toEqual({ ok: true });
  });
});

test("the round before a gate's refusal is what people had been asked then", async () => {
  const id = await w.pendingRequest();
  expect(await previousRound(w.app, id)).toBeNull();
  const reasons = [{ code: "FACTS_DRIFTED", rule: null, note: "12,400 rows became 90,000" }];
  const evaluation = { ...EVALUATION, reasons };
  const refusal = {
    ...{ disposition: "again" as const, code: "FACTS_DRIFTED", detail: null, reasons, evaluation },
    ...{ factsDigest: FACTS_DIGEST, voidReviewsBefore: true, roster: [] },
  };
  const cause = { kind: "step" as const, event: { kind: "gateRefused" as const, attempt: 1, refusal } };
  const happened = [{ type: "gate.refused" as const, by: null, reasons, data: {} }];
  const now = { ...DESCRIPTION, preview: { ...DESCRIPTION.preview, title: "Export 90,000 rows" } };
  const entry = { at: NOON + 2_000, cause, happened };
  await record(w.app, later(id, 2, pending(id, { rounds: 1 }), { entry, description: now }));
  expect(await previousRound(w.app, id)).toEqual({ reasons, description: DESCRIPTION, evaluation: EVALUATION });
});
