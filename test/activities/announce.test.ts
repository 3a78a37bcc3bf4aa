import { describe, expect, test } from "vitest";
import { announce } from "../../activities/announce.ts";
import { redraw } from "../../channels/slack/redraw.ts";
import { createSurfaceTokens } from "../../crypto/surface-token.ts";
import { claim, writeOutcome } from "../../db/claim.ts";
import { record } from "../../db/record.ts";
import { renderShown } from "../../db/renders.ts";
import { surfacesOf } from "../../db/surfaces.ts";
import { claimOf, ended, evaluated, later, NOON, pending, report, starting, submitted } from "../db/fixture.ts";
import { wordsOf } from "../support/slack/driver.ts";
import { ACCOUNTS, CHANNELS } from "../support/slack/workspace.ts";
import { announcing, SURFACE_SECRET } from "./announcing.ts";

const w = announcing();

const approved = { type: "review.approved" as const, by: "person:alice" as const, reasons: [], data: {} };

describe("what is shown where", () => {
  test("a request that waits for people is shown once, however often and by whomever it is announced", async () => {
    const id = await w.pendingRequest();
    const [one, other] = [w.process(), w.process()];
    await Promise.all([announce(one, id), announce(other, id), announce(other, id)]);
    await announce(other, id);
    const cards = await w.shown(id);
    expect(cards).toHaveLength(1);
    expect(cards[0]?.words).toContain("Export 12,400 rows of customers");
    expect(cards[0]?.thread).toEqual([]);
  });

  test("a request that the policy allowed is shown to nobody", async () => {
    const id = w.newId();
    await record(w.app, submitted(id));
    await record(
      w.app,
      evaluated(id, { state: { ...starting(id), requirement: null, deadlineAt: null, widened: [] } }),
    );
    expect(await announce(w.process(), id)).toEqual({ kind: "shown" });
    expect(await surfacesOf(w.app, id)).toEqual([]);
  });

  test("a request that had ended before anything was shown stays unshown, and its owner untold", async () => {
    const id = await w.pendingRequest();
    const over = pending(id, { phase: "ended", outcome: ended("denied") });
    await record(w.app, later(id, 2, over));
    expect(await announce(w.process(), id)).toEqual({ kind: "shown" });
    expect(await surfacesOf(w.app, id)).toEqual([]);
  });

  test("a conversation with groups shows what waits for one of them, also when time has asked it later", async () => {
    const [data, leads] = [CHANNELS.privacy, CHANNELS.elsewhere];
    w.settings.conversations.push({ id: data, groups: ["group:data"] }, { id: leads, groups: ["group:leads"] });
    try {
      const id = await w.pendingRequest();
      await announce(w.process(), id);
      expect(await w.shown(id, data)).toHaveLength(1);
      expect(await w.shown(id, leads)).toHaveLength(0);
      await record(w.app, later(id, 2, pending(id, { widened: [[], ["group:leads"]] })));
      await announce(w.process(), id);
      expect(await w.shown(id, data)).toHaveLength(1);
      expect(await w.shown(id, leads)).toHaveLength(1);
    } finally {
      w.settings.conversations.splice(1);
    }
  });

  test("a place that the configuration does not name any more is still kept right", async () => {
    const id = await w.pendingRequest();
    await announce(w.process(), id);
    const [before] = w.settings.conversations.splice(0);
    try {
      await record(w.app, later(id, 2, pending(id, { phase: "ended", outcome: ended("withdrawn") })));
      await announce(w.process(), id);
      expect((await w.shown(id))[0]?.words).toContain("withdrawn");
    } finally {
      if (before) w.settings.conversations.push(before);
    }
  });
});

describe("what a card says", () => {
  test("the card follows the record, and its thread tells what happened in one reply", async () => {
    const id = await w.pendingRequest();
    await announce(w.process(), id);
    await record(
      w.app,
      later(id, 2, starting(id), {
        entry: {
          at: NOON + 2_000,
          cause: { kind: "step", event: { kind: "tick" } },
          happened: [approved, { ...approved, type: "request.starting", by: null }],
        },
      }),
    );
    await announce(w.process(), id);
    const [card] = await w.shown(id);
    expect(card?.words).toContain("Start by");
    expect(card?.thread).toHaveLength(1);
    const told = wordsOf(card?.thread[0]?.blocks);
    expect(told).toContain("Alice approved");
    expect(told).toContain("starting");
    await announce(w.process(), id);
    expect((await w.shown(id))[0]?.thread).toHaveLength(1);
  });

  test("how it ended stands on the card, in the thread and in a message to the owner", async () => {
    const id = await w.pendingRequest();
    await announce(w.process(), id);
    await record(w.app, later(id, 2, starting(id)));
    await claim(w.executor, claimOf(id));
    await announce(w.process(), id);
    expect((await w.shown(id))[0]?.words).toContain("running");
    await writeOutcome(w.executor, id, 1, report());
    const over = { ...starting(id), phase: "ended" as const, outcome: ended("succeeded", report()) };
    const happened = [{ type: "request.succeeded" as const, by: null, reasons: [], data: {} }];
    await record(
      w.app,
      later(id, 3, over, { entry: { at: NOON + 9_000, cause: { kind: "step", event: { kind: "tick" } }, happened } }),
    );
    expect(await announce(w.process(), id)).toEqual({ kind: "shown" });
    await announce(w.process(), id);
    const [card] = await w.shown(id);
    expect(card?.words).toContain("succeeded");
    expect(card?.thread).toHaveLength(2);
    const notes = (await w.slack.privately(ACCOUNTS.omar)).filter((one) => wordsOf(one.blocks).includes(id));
    expect(notes).toHaveLength(1);
    const owner = (await surfacesOf(w.app, id)).find((one) => one.kind === "owner");
    expect(owner).toMatchObject({ status: "posted", conversation: notes[0]?.channel, message: notes[0]?.ts });
  });

  test("its buttons carry what it shows, and what it shows can be drawn again", async () => {
    const id = await w.pendingRequest();
    await announce(w.process(), id);
    const [surface] = await surfacesOf(w.app, id);
    const [card] = await w.shown(id);
    const values =
      card?.blocks.flatMap((block) => (block.elements as { value?: string; action_id?: string }[]) ?? []) ?? [];
    const details = values.find((one) => one.action_id === "countersign.details")?.value ?? "";
    const token = createSurfaceTokens(SURFACE_SECRET).read(details);
    expect(token).toMatchObject({ requestId: id, surface: surface?.id, verb: "details", shown: surface?.shown });
    expect(surface).toMatchObject({ conversation: CHANNELS.approvals, message: card?.ts });
    const kept = surface?.shown ? await renderShown(w.app, surface.id, surface.shown) : null;
    expect(kept && redraw(kept.renderer, kept.drawing).shown).toBe(surface?.shown);
  });

  test("a reminder mentions those who are missing and have an account", async () => {
    const roster = [
      { person: "person:dana" as const, name: "Dana", groups: ["group:data" as const] },
      { person: "person:nobody" as const, name: "Nils", groups: ["group:data" as const] },
    ];
    const id = await w.pendingRequest();
    await announce(w.process(), id);
    await record(w.app, later(id, 2, pending(id, { roster, reminded: [60] })));
    await announce(w.process(), id);
    const told = wordsOf((await w.shown(id))[0]?.thread[0]?.blocks);
    expect(told).toContain(`<@${ACCOUNTS.dana}>`);
    expect(told).not.toContain(ACCOUNTS.alice);
  });
});
