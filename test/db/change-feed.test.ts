import { createServer, connect as dial, type Server, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { recordResolution } from "../../db/admin.ts";
import { claim, writeOutcome } from "../../db/claim.ts";
import { type ChangeFeed, openChangeFeed } from "../../db/read/change-feed.ts";
import { requestById } from "../../db/read/requests.ts";
import { record } from "../../db/record.ts";
import { claimOf, later, NOON, pending, report } from "./fixture.ts";
import { world } from "./world.ts";

const w = world();
const FOR_EVER = 50_000;
const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
});

test("a wait ends when the request changes, whoever wrote: workflow, executor or operator", async () => {
  const feed = open(w.urls.appUrl);
  const id = await w.pendingRequest();
  const steps = [
    () => record(w.app, later(id, 2, pending(id))),
    () => claim(w.executor, claimOf(id)),
    () => writeOutcome(w.executor, id, 1, report("unknown")),
    () => recordResolution(w.app, { content: resolution(id), jws: "jws" }),
  ];
  for (const step of steps) {
    const revision = await revisionOf(id);
    const waiting = feed.waitFor(id, revision, FOR_EVER);
    await step();
    await waiting;
    expect(await revisionOf(id)).toBe(revision + 1);
  }
});

test("a wait for what has already happened ends at once", async () => {
  const feed = open(w.urls.appUrl);
  const id = await w.pendingRequest();
  await feed.waitFor(id, 1, FOR_EVER);
});

test("a wait for a request that is not there yet ends when it arrives", async () => {
  const feed = open(w.urls.appUrl);
  const coming = w.newId();
  const waiting = feed.waitFor(coming, 0, FOR_EVER);
  await w.pendingRequest(coming);
  await waiting;
});

test("a wait ends at its timeout, at an abort and at close, and none of these is an error", async () => {
  const feed = open(w.urls.appUrl);
  const leaving = new AbortController();
  const aborted = feed.waitFor("req_never", 0, FOR_EVER, leaving.signal);
  const closed = feed.waitFor("req_never", 0, FOR_EVER);
  await feed.waitFor("req_never", 0, 20);
  leaving.abort();
  await aborted;
  await feed.close();
  await closed;
});

test("a subscriber hears its own request, a subscriber to all hears each, and nobody after leaving", async () => {
  const feed = open(w.urls.appUrl);
  const [one, other] = [await w.pendingRequest(), await w.pendingRequest()];
  const heard: Record<"one" | "all" | "gone", (string | null)[]> = { one: [], all: [], gone: [] };
  // The first call says that the feed listens.
  await new Promise<void>((resolve) => feed.subscribe(null, () => resolve()));
  feed.subscribe(one, (id) => heard.one.push(id));
  feed.subscribe(null, (id) => heard.all.push(id));
  feed.subscribe(null, (id) => heard.gone.push(id))();
  const last = new Promise<void>((resolve) => feed.subscribe(other, () => resolve()));
  await record(w.app, later(one, 2, pending(one)));
  await record(w.app, later(other, 2, pending(other)));
  await last;
  expect(heard).toEqual({ one: [one], all: [one, other], gone: [] });
});

test("a change while the connection is away ends the wait when it is back", async () => {
  const proxy = await openProxy(w.urls.appUrl);
  const feed = open(proxy.url);
  const id = await w.pendingRequest();
  // The first call says that the feed listens.
  await new Promise<void>((resolve) => feed.subscribe(null, () => resolve()));
  const waiting = feed.waitFor(id, 2, FOR_EVER);
  proxy.cut();
  await record(w.app, later(id, 2, pending(id)));
  proxy.mend();
  await waiting;
  expect(await revisionOf(id)).toBe(3);
});

test("a feed that is opened while the database is away works when it comes", async () => {
  const proxy = await openProxy(w.urls.appUrl);
  proxy.cut();
  const feed = open(proxy.url);
  const id = await w.pendingRequest();
  const waiting = feed.waitFor(id, 2, FOR_EVER);
  proxy.mend();
  await record(w.app, later(id, 2, pending(id)));
  await waiting;
});

function open(url: string): ChangeFeed {
  const feed = openChangeFeed(url);
  opened.push(feed);
  return feed;
}

async function revisionOf(id: string): Promise<number> {
  return (await requestById(w.app, id))?.revision ?? 0;
}

function resolution(requestId: string) {
  const told = { outcome: "failed" as const, reason: "ADMIN_RESOLVED", note: "looked" };
  return { version: 1 as const, requestId, ...told, by: "person:oscar" as const, at: NOON };
}

/** The network between us and Postgres, with a switch. */
async function openProxy(target: string): Promise<{ url: string; cut(): void; mend(): void }> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let whole = true;
  const server: Server = createServer((socket) => {
    if (!whole) return socket.destroy();
    const beyond = dial(Number(port), hostname);
    for (const end of [socket, beyond]) {
      sockets.add(end);
      end.on("error", () => undefined).on("close", () => [socket, beyond].map((one) => one.destroy()));
    }
    return socket.pipe(beyond).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const url = new URL(target);
  url.port = String(typeof address === "object" && address ? address.port : 0);
  const cut = () => {
    whole = false;
    for (const socket of sockets) socket.destroy();
  };
  opened.push({
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  });
  const mend = () => {
    whole = true;
  };
  return { url: url.toString(), cut, mend };
}
