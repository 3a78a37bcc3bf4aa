import { afterEach, expect, test } from "vitest";
import type { AnnounceContext } from "../../activities/context.ts";
import { type ChangeFeed, openChangeFeed } from "../../db/read/change-feed.ts";
import { record } from "../../db/record.ts";
import { type Surface, surfacesOf } from "../../db/surfaces.ts";
import { type Announcer, startAnnouncer } from "../../worker/announcer.ts";
import { announcing } from "../activities/announcing.ts";
import { later, pending, starting } from "../db/fixture.ts";
import { until } from "../support/eventually.ts";
import { wordsOf } from "../support/slack/driver.ts";
import { CHANNELS } from "../support/slack/workspace.ts";

const w = announcing();
const started: { announcer: Announcer; feed: ChangeFeed }[] = [];

afterEach(async () => {
  for (const { announcer, feed } of started.splice(0)) {
    await announcer.close();
    await feed.close();
  }
});

function start(tweak: Partial<AnnounceContext> = {}): Announcer {
  const feed = openChangeFeed(w.urls.appUrl);
  const announcer = startAnnouncer(w.process(tweak), feed);
  started.push({ announcer, feed });
  return announcer;
}

async function cards(id: string) {
  const messages = await w.slack.messages(CHANNELS.approvals);
  return messages.filter((one) => one.thread_ts === undefined && wordsOf(one.blocks).includes(id));
}

function isPosted(surface: Surface | undefined): boolean {
  return surface?.status === "posted";
}

function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

test("what was there before the start is shown, and what comes after it", async () => {
  const before = await w.pendingRequest();
  start();
  await until(async () => (await cards(before)).length === 1);
  const after = await w.pendingRequest();
  await until(async () => (await cards(after)).length === 1);
  await record(w.app, later(after, 2, starting(after)));
  await until(async () => wordsOf((await cards(after))[0]?.blocks).includes("Start by"));
});

test("several processes that hear of the same requests show each once", async () => {
  for (let n = 0; n < 3; n += 1) start({ postMs: 5 });
  const ids = await Promise.all(Array.from({ length: 40 }, () => w.pendingRequest()));
  const [first = ""] = ids;
  await until(async () => (await Promise.all(ids.map((id) => surfacesOf(w.app, id)))).every(([one]) => isPosted(one)));
  await record(w.app, later(first, 2, starting(first)));
  await until(async () => wordsOf((await cards(first))[0]?.blocks).includes("Start by"));
  expect((await Promise.all(ids.map(cards))).flat()).toHaveLength(ids.length);
});

test("what changes while a request is being shown is shown after it", async () => {
  const real = w.process();
  let changed = false;
  const id = w.newId();
  const channel = {
    ...real.channel,
    async post(given: Parameters<typeof real.channel.post>[0]) {
      if (!changed && wordsOf(given.payload.blocks).includes(id)) {
        changed = true;
        await record(w.app, later(id, 2, starting(id)));
      }
      return real.channel.post(given);
    },
  };
  start({ channel });
  await w.pendingRequest(id);
  await until(async () => wordsOf((await cards(id))[0]?.blocks).includes("Start by"));
  expect(await cards(id)).toHaveLength(1);
});

test("a request that is being shown while another configuration comes into force is shown by that one too", async () => {
  const real = w.process();
  const [begun, wanted] = [gate(), gate()];
  const id = w.newId();
  let looked = 0;
  const channel = {
    ...real.channel,
    async post(given: Parameters<typeof real.channel.post>[0]) {
      if (wordsOf(given.payload.blocks).includes(id)) {
        begun.open();
        await wanted.opened;
      }
      return real.channel.post(given);
    },
  };
  const inForce = async () => {
    looked += 1;
    return { ...(await real.inForce()), configuration: { ...w.configuration, slack: structuredClone(w.settings) } };
  };
  start({ channel, inForce });
  await w.pendingRequest(id);
  await begun.opened;
  w.configuration.version += 1;
  w.settings.conversations.push({ id: CHANNELS.privacy, groups: [] });
  try {
    const before = looked;
    await until(async () => looked > before);
    await until(async () => (await surfacesOf(w.app, id)).length === 1);
    wanted.open();
    await until(async () => (await surfacesOf(w.app, id)).filter(isPosted).length === 2);
  } finally {
    w.settings.conversations.pop();
  }
}, 30_000);

test("one that cannot be shown holds up no other, and is looked at again", async () => {
  const [bad, good] = [w.newId(), w.newId()];
  const real = w.process();
  let failed = 0;
  const channel = {
    ...real.channel,
    async post(given: Parameters<typeof real.channel.post>[0]) {
      if (wordsOf(given.payload.blocks).includes(bad) && ++failed === 1) throw new Error("a mistake of ours");
      return real.channel.post(given);
    },
  };
  start({ channel });
  await w.pendingRequest(bad);
  await w.pendingRequest(good);
  await until(async () => (await cards(good)).length === 1);
  expect(w.said.some(({ data }) => JSON.stringify(data).includes("a mistake of ours"))).toBe(true);
  expect(await cards(bad)).toHaveLength(0);
  w.pass(31);
  await until(async () => (await cards(bad)).length === 1);
});

test("at its end it finishes what is under way and begins nothing", async () => {
  const real = w.process();
  const begun = gate();
  const wanted = gate();
  const channel = {
    ...real.channel,
    async post(given: Parameters<typeof real.channel.post>[0]) {
      begun.open();
      await wanted.opened;
      return real.channel.post(given);
    },
  };
  const announcer = start({ channel });
  const id = await w.pendingRequest();
  await begun.opened;
  const closed = announcer.close();
  const tooLate = await w.pendingRequest();
  wanted.open();
  await closed;
  expect((await surfacesOf(w.app, id))[0]).toMatchObject({ status: "posted" });
  expect(await surfacesOf(w.app, tooLate)).toEqual([]);
  await record(w.app, later(tooLate, 2, pending(tooLate)));
  expect(await surfacesOf(w.app, tooLate)).toEqual([]);
});
