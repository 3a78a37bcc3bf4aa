import { describe, expect, test } from "vitest";
import { announce } from "../../activities/announce.ts";
import { ChannelFailure } from "../../channels/channel.ts";
import { recordResolution } from "../../db/admin.ts";
import { requestsToAnnounce } from "../../db/announcements.ts";
import { claim } from "../../db/claim.ts";
import { record } from "../../db/record.ts";
import { surfaceById, surfacesOf } from "../../db/surfaces.ts";
import { claimOf, ended, later, NOON, pending, report, starting } from "../db/fixture.ts";
import { wordsOf } from "../support/slack/driver.ts";
import { CHANNELS } from "../support/slack/workspace.ts";
import { announcing } from "./announcing.ts";

const w = announcing();

describe("when Slack does not answer as it should", () => {
  const post = "chat.postMessage";

  test("a card whose answer was lost is found and not posted again", async () => {
    const id = await w.pendingRequest();
    w.slack.proxy.faults.add(post, { kind: "lost" }, { times: 1 });
    const first = await announce(w.process(), id);
    expect(first).toMatchObject({ kind: "again" });
    w.pass(60);
    await announce(w.process(), id);
    expect(await w.shown(id)).toHaveLength(1);
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
    const cards = await w.shown(id);
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
    expect(await w.shown(id)).toHaveLength(1);
  });

  test.each([0, 1])(
    "a process that slept while another one did its work takes back what it posted (%s failures on the way)",
    async (failures) => {
      const id = await w.pendingRequest();
      if (failures > 0)
        w.slack.proxy.faults.add("chat.delete", { kind: "rateLimited", retryAfter: 1 }, { times: failures });
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
      expect((await w.shown(id)).map((card) => card.ts)).toEqual([surface?.message]);
    },
  );

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
      expect([...(await w.shown(id)), ...(await w.shown(other))]).toHaveLength(2);
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
    expect((await w.shown(id))[0]?.thread).toHaveLength(1);
  });

  test("what happened while a reply was not known to have arrived is told after it", async () => {
    const id = await w.pendingRequest();
    await announce(w.process(), id);
    w.slack.proxy.faults.add(post, { kind: "lost" }, { times: 1, where: (args) => args.thread_ts !== undefined });
    await record(w.app, later(id, 2, pending(id, { reminded: [60] })));
    await announce(w.process(), id);
    const outcome = ended("expired");
    const end = later(id, 3, pending(id, { phase: "ended", outcome }));
    const happened = [{ type: "request.expired" as const, by: null, reasons: [], data: {} }];
    await record(w.app, { ...end, entry: { ...end.entry, happened } });
    w.pass(60);
    expect(await announce(w.process(), id)).toEqual({ kind: "shown" });
    const told = (await w.shown(id))[0]?.thread.map((reply) => wordsOf(reply.blocks)) ?? [];
    expect(told).toEqual([expect.stringContaining("Reminder"), expect.stringContaining("expired")]);
  });

  test("an end that nobody knew and an operator resolved is found by looking, when nobody heard of it", async () => {
    const id = await w.pendingRequest();
    await announce(w.process(), id);
    await claim(w.executor, claimOf(id));
    const outcome = ended("unknown", report("unknown"));
    await record(w.app, later(id, 2, pending(id, { phase: "ended", attempt: 1, outcome })));
    await announce(w.process(), id);
    const due = () => requestsToAnnounce(w.app, { limit: 1_000, now: w.now(), me: "me", all: false });
    expect(await due()).not.toContain(id);
    const told = { outcome: "failed" as const, reason: "ADMIN_RESOLVED", note: "The file is not there." };
    const content = { version: 1 as const, requestId: id, ...told, by: "person:oscar" as const, at: NOON + 60_000 };
    await recordResolution(w.app, { content, jws: "jws" });
    expect(await due()).toContain(id);
    await announce(w.process(), id);
    expect((await w.shown(id))[0]?.words).toContain("Recorded as failed");
    expect(await due()).not.toContain(id);
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

  test("a card that is there and cannot be changed does not stay beside the one that replaces it", async () => {
    const id = await w.pendingRequest();
    await announce(w.process(), id);
    const [old] = await w.shown(id);
    w.slack.proxy.faults.add("chat.update", { kind: "error", error: "edit_window_closed" }, { times: 1 });
    await record(w.app, later(id, 2, starting(id)));
    await announce(w.process(), id);
    const cards = await w.shown(id);
    expect(cards).toHaveLength(1);
    expect(cards[0]?.ts).not.toBe(old?.ts);
    expect(cards[0]?.words).toContain("Start by");
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
      expect(await w.shown(id, CHANNELS.privacy)).toHaveLength(1);
      const refused = (await surfacesOf(w.app, id)).find((one) => one.conversation === CHANNELS.approvals);
      expect(refused).toMatchObject({ status: "refused", error: "not_in_channel", failures: 1 });
      expect(w.said.at(-1)?.data).toMatchObject({ code: "not_in_channel", fix: expect.stringContaining("Invite") });
      const calls = w.slack.proxy.callsOf(post).length;
      await announce(w.process(), id);
      expect(w.slack.proxy.callsOf(post)).toHaveLength(calls);
      stop();
      w.pass(60);
      await announce(w.process(), id);
      expect(await w.shown(id)).toHaveLength(1);
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
