import { describe, expect, test } from "vitest";
import { announce } from "../../activities/announce.ts";
import { ChannelFailure } from "../../channels/channel.ts";
import { redraw } from "../../channels/slack/redraw.ts";
import { createSurfaceTokens } from "../../crypto/surface-token.ts";
import { requestsToAnnounce } from "../../db/announcements.ts";
import { claim, writeOutcome } from "../../db/claim.ts";
import { record } from "../../db/record.ts";
import { renderShown } from "../../db/renders.ts";
import { surfaceById, surfacesOf } from "../../db/surfaces.ts";
import { claimOf, ended, evaluated, later, NOON, pending, report, starting, submitted } from "../db/fixture.ts";
import { wordsOf } from "../support/slack/driver.ts";
import { ACCOUNTS, CHANNELS } from "../support/slack/workspace.ts";
import { announcing, SURFACE_SECRET } from "./announcing.ts";

const w = announcing();

/** Messages that show this request, with their threads. */
async function shown(id: string, channel: string = CHANNELS.approvals) {
  const all = await w.slack.messages(channel);
  const roots = all.filter((one) => one.thread_ts === undefined && wordsOf(one.blocks).includes(id));
  return roots.map((root) => {
    const thread = all.filter((one) => one.thread_ts === root.ts);
    return { ts: root.ts, text: root.text, words: wordsOf(root.blocks), blocks: root.blocks ?? [], thread };
  });
}

const approved = { type: "review.approved" as const, by: "person:alice" as const, reasons: [], data: {} };

describe("what is shown where", () => {
  test("a request that waits for people is shown once, however often and by whomever it is announced", async () => {
    const id = await w.pendingRequest();
    const [one, other] = [w.process(), w.process()];
    await Promise.all([announce(one, id), announce(other, id), announce(other, id)]);
    await announce(other, id);
    const cards = await shown(id);
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
      expect(await shown(id, data)).toHaveLength(1);
      expect(await shown(id, leads)).toHaveLength(0);
      await record(w.app, later(id, 2, pending(id, { widened: [[], ["group:leads"]] })));
      await announce(w.process(), id);
      expect(await shown(id, data)).toHaveLength(1);
      expect(await shown(id, leads)).toHaveLength(1);
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
      expect((await shown(id))[0]?.words).toContain("withdrawn");
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
    const [card] = await shown(id);
    expect(card?.words).toContain("Start by");
    expect(card?.thread).toHaveLength(1);
    const told = wordsOf(card?.thread[0]?.blocks);
    expect(told).toContain("Alice approved");
    expect(told).toContain("starting");
    await announce(w.process(), id);
    expect((await shown(id))[0]?.thread).toHaveLength(1);
  });

  test("how it ended stands on the card, in the thread and in a message to the owner", async () => {
    const id = await w.pendingRequest();
    await announce(w.process(), id);
    await record(w.app, later(id, 2, starting(id)));
    await claim(w.executor, claimOf(id));
    await announce(w.process(), id);
    expect((await shown(id))[0]?.words).toContain("running");
    await writeOutcome(w.executor, id, 1, report());
    const over = { ...starting(id), phase: "ended" as const, outcome: ended("succeeded", report()) };
    const happened = [{ type: "request.succeeded" as const, by: null, reasons: [], data: {} }];
    await record(
      w.app,
      later(id, 3, over, { entry: { at: NOON + 9_000, cause: { kind: "step", event: { kind: "tick" } }, happened } }),
    );
    expect(await announce(w.process(), id)).toEqual({ kind: "shown" });
    await announce(w.process(), id);
    const [card] = await shown(id);
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
    const [card] = await shown(id);
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
    const told = wordsOf((await shown(id))[0]?.thread[0]?.blocks);
    expect(told).toContain(`<@${ACCOUNTS.dana}>`);
    expect(told).not.toContain(ACCOUNTS.alice);
  });
});

describe("when Slack does not answer as it should", () => {
  const post = "chat.postMessage";

  test("a card whose answer was lost is found and not posted again", async () => {
    const id = await w.pendingRequest();
    w.slack.proxy.faults.add(post, { kind: "lost" }, { times: 1 });
    const first = await announce(w.process(), id);
    expect(first).toMatchObject({ kind: "again" });
    w.pass(60);
    await announce(w.process(), id);
    expect(await shown(id)).toHaveLength(1);
    const [surface] = await surfacesOf(w.app, id);
    expect(surface).toMatchObject({ status: "posted", uncertainSince: null, failures: 0, retryAt: null });
  });

  test("a card that was lost and has become old meanwhile is found and set right", async () => {
    const id = await w.pendingRequest();
    w.slack.proxy.faults.add(post, { kind: "lost" }, { times: 1 });
    await announce(w.process(), id);
    await record(w.app, later(id, 2, pending(id, { phase: "ended", outcome: ended("expired") })));
    w.pass(60);
    await announce(w.process(), id);
    const cards = await shown(id);
    expect(cards).toHaveLength(1);
    expect(cards[0]?.words).toContain("xpired");
  });

  test("a process that was killed between its note and Slack's answer leaves one card", async () => {
    const id = await w.pendingRequest();
    const killed = new Error("killed");
    const real = w.process();
    const dying = w.process({
      channel: {
        ...real.channel,
        async post(given) {
          await real.channel.post(given);
          throw killed;
        },
      },
    });
    await expect(announce(dying, id)).rejects.toBe(killed);
    expect(await announce(w.process(), id)).toEqual({ kind: "busy" });
    w.pass(61);
    await announce(w.process(), id);
    expect(await shown(id)).toHaveLength(1);
  });

  test("a process that slept while another one did its work takes back what it posted", async () => {
    const id = await w.pendingRequest();
    const real = w.process();
    const asleep = w.process({
      channel: {
        ...real.channel,
        async post(given) {
          w.pass(61);
          await announce(w.process(), id);
          return real.channel.post(given);
        },
      },
    });
    await announce(asleep, id);
    const [surface] = await surfacesOf(w.app, id);
    expect((await shown(id)).map((card) => card.ts)).toEqual([surface?.message]);
  });

  test("a process that slept and then failed leaves what another one did as it is", async () => {
    const id = await w.pendingRequest();
    const asleep = w.process({
      channel: {
        ...w.process().channel,
        async post() {
          w.pass(61);
          await announce(w.process(), id);
          throw new ChannelFailure("uncertain", "no_answer");
        },
      },
    });
    await announce(asleep, id);
    expect((await surfacesOf(w.app, id))[0]).toMatchObject({ status: "posted", failures: 0, uncertainSince: null });
  });

  test.each([7, null])(
    "a rate limit (retry-after %s) holds the conversation for everybody, and nothing is lost",
    async (seconds) => {
      const [id, other] = [await w.pendingRequest(), await w.pendingRequest()];
      w.slack.proxy.faults.add(post, { kind: "rateLimited", retryAfter: seconds }, { times: 1 });
      const left = await announce(w.process(), id);
      expect(left).toMatchObject({ kind: "turn", conversation: CHANNELS.approvals, waitMs: (seconds ?? 2) * 1000 });
      expect(await announce(w.process(), other)).toMatchObject({ kind: "turn" });
      w.pass(10);
      await announce(w.process(), id);
      await announce(w.process(), other);
      expect([...(await shown(id)), ...(await shown(other))]).toHaveLength(2);
    },
  );

  test("a reply whose answer was lost is told once", async () => {
    const id = await w.pendingRequest();
    await announce(w.process(), id);
    w.slack.proxy.faults.add(post, { kind: "lost" }, { times: 1, where: (args) => args.thread_ts !== undefined });
    await record(w.app, later(id, 2, pending(id, { reminded: [60] })));
    const left = await announce(w.process(), id);
    expect(left).toMatchObject({ kind: "again" });
    w.pass(60);
    await announce(w.process(), id);
    await announce(w.process(), id);
    expect((await shown(id))[0]?.thread).toHaveLength(1);
  });

  test("a card that somebody deleted is posted afresh, and the old one is dead", async () => {
    const id = await w.pendingRequest();
    await announce(w.process(), id);
    w.slack.proxy.faults.add("chat.update", { kind: "error", error: "message_not_found" }, { times: 1 });
    await record(w.app, later(id, 2, starting(id)));
    await announce(w.process(), id);
    const surfaces = await surfacesOf(w.app, id);
    expect(surfaces.map(({ status, generation }) => [status, generation])).toEqual([
      ["dead", 1],
      ["posted", 2],
    ]);
  });

  test("where Slack refuses us that stands on the surface with a fix in the log, and the other places are served", async () => {
    w.settings.conversations.push({ id: CHANNELS.privacy, groups: [] });
    try {
      const id = await w.pendingRequest();
      const stop = w.slack.proxy.faults.add(
        post,
        { kind: "error", error: "not_in_channel" },
        { where: (args) => args.channel === CHANNELS.approvals },
      );
      expect(await announce(w.process(), id)).toMatchObject({ kind: "again" });
      expect(await shown(id, CHANNELS.privacy)).toHaveLength(1);
      const refused = (await surfacesOf(w.app, id)).find((one) => one.conversation === CHANNELS.approvals);
      expect(refused).toMatchObject({ status: "refused", error: "not_in_channel", failures: 1 });
      expect(w.said.at(-1)?.data).toMatchObject({ code: "not_in_channel", fix: expect.stringContaining("Invite") });
      const calls = w.slack.proxy.callsOf(post).length;
      await announce(w.process(), id);
      expect(w.slack.proxy.callsOf(post)).toHaveLength(calls);
      stop();
      w.pass(60);
      await announce(w.process(), id);
      expect(await shown(id)).toHaveLength(1);
      expect(await surfaceById(w.app, refused?.id ?? "")).toMatchObject({ status: "posted", error: null, failures: 0 });
    } finally {
      w.settings.conversations.splice(1);
    }
  });

  test("what is left to be done is found again by whoever looks", async () => {
    const id = await w.pendingRequest();
    w.slack.proxy.faults.add(post, { kind: "status", status: 503 }, { times: 1 });
    expect(await announce(w.process(), id)).toMatchObject({ kind: "again" });
    const due = () => requestsToAnnounce(w.app, { limit: 1_000, now: w.now(), me: "me", all: false });
    expect(await due()).not.toContain(id);
    w.pass(60);
    expect(await due()).toContain(id);
    await announce(w.process(), id);
    w.pass(3_600);
    expect(await due()).not.toContain(id);
  });
});
