import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { build } from "../../../api/app.ts";
import { create } from "../../../api/context.ts";
import { freePort } from "../../../cli/dev/ports.ts";
import { eventually } from "../../support/eventually.ts";
import {
  clickOf,
  deliver,
  type FakeSlack,
  fakeSlack,
  SECRET,
  type SlackApi,
  signalsOf,
  startSlackApi,
  tokenFor,
  waiting,
} from "./fixture.ts";

const SOCKET = { inbound: { transport: "socket" as const, appToken: "xapp-test-0123456789-abcdef" } };

let slack: FakeSlack;
let server: WebSocketServer;
let acknowledged: { envelope_id: string; payload: unknown }[];
const apis: SlackApi[] = [];

beforeEach(async () => {
  slack = await fakeSlack();
  acknowledged = [];
  server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  server.on("connection", (socket) => {
    socket.on("message", (data) => acknowledged.push(JSON.parse(String(data))));
    socket.send(JSON.stringify({ type: "hello", num_connections: 1 }));
  });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  slack.answers.set("apps.connections.open", { url: `ws://127.0.0.1:${port}` });
});
afterEach(async () => {
  for (const api of apis.splice(0)) await api.stop();
  server.close();
});

async function start(change: Parameters<typeof startSlackApi>[0] = {}): Promise<SlackApi> {
  const api = await startSlackApi({ slack, ...change, settings: { ...SOCKET, ...change.settings } });
  apis.push(api);
  return api;
}

const connections = (count: number) =>
  eventually(`${count} sockets`, () => (server.clients.size === count ? [...server.clients] : undefined));

function send(socket: WebSocket | undefined, payload: unknown): string {
  const envelope_id = randomUUID();
  socket?.send(JSON.stringify({ envelope_id, type: "interactive", payload, accepts_response_payload: true }));
  return envelope_id;
}

const acknowledgement = (id: string) =>
  eventually("an acknowledgement", () => acknowledged.find((one) => one.envelope_id === id));
const checks = async (api: SlackApi) =>
  ((await (await api.call("/readyz")).json()) as { checks: { slack: { ok: boolean } } }).checks.slack;

test("a click through the socket is with the workflow before it is acknowledged", async () => {
  const api = await start();
  await waiting(api, "req_socket");
  const [socket] = await connections(1);
  const id = send(socket, clickOf(api, tokenFor("req_socket")));
  await acknowledgement(id);
  expect(await signalsOf(api, "req_socket")).toMatchObject([{ name: "review", message: { channel: "slack" } }]);
});

test("an envelope that two replicas get is one message", async () => {
  const one = await start();
  const other = await create(one.context.settings);
  const app = await build(other);
  await app.ready();
  await waiting(one, "req_replicas");
  const payload = clickOf(one, tokenFor("req_replicas"));
  const sockets = await connections(2);
  await Promise.all(sockets.map((socket) => acknowledgement(send(socket, payload))));
  const ids = (await signalsOf(one, "req_replicas")).map(({ message }) => message.id);
  expect([ids.length, new Set(ids).size]).toEqual([2, 1]);
  await app.close();
  await other.destroy();
});

test("a socket that is cut, or that Slack wants renewed, is opened again", async () => {
  const api = await start();
  await waiting(api, "req_renewed");
  const [first] = await connections(1);
  first?.terminate();
  const second = await eventually("a second socket", () => [...server.clients].find((one) => one !== first));
  second.send(JSON.stringify({ type: "disconnect", reason: "refresh_requested" }));
  const known = [first, second];
  const third = await eventually("a third socket", () => [...server.clients].find((one) => !known.includes(one)));
  await acknowledgement(send(third, clickOf(api, tokenFor("req_renewed"))));
  expect(await signalsOf(api, "req_renewed")).toHaveLength(1);
});

test("when Slack is away while the socket is renewed, the API lives and tries again", async () => {
  const api = await start();
  const [first] = await connections(1);
  slack.answers.set("apps.connections.open", null);
  first?.terminate();
  await eventually("a try that failed", () =>
    slack.calls.filter((call) => call.path === "apps.connections.open").length > 1 ? true : undefined,
  );
  expect((await checks(api)).ok).toBe(false);
  const { port } = server.address() as AddressInfo;
  slack.answers.set("apps.connections.open", { url: `ws://127.0.0.1:${port}` });
  await connections(1);
  await eventually("a connection", async () => ((await checks(api)).ok ? true : undefined));
});

test("what is refused or cannot be recorded is not acknowledged", async () => {
  const api = await start({ temporalAddress: `127.0.0.1:${await freePort()}` });
  const [socket] = await connections(1);
  send(socket, clickOf(api, tokenFor("req_x"), { api_app_id: "A0OTHER01" }));
  send(socket, { type: "nonsense" });
  const payload = clickOf(api, tokenFor("req_x"));
  send(socket, payload);
  await slack.called(new URL(String(payload.response_url)).pathname);
  expect(acknowledged).toEqual([]);
  // What was given up is still trying to connect, and must not find its connection closed under it.
  await api.context.temporal.connection.ensureConnected().catch(() => undefined);
});

test("closing the API ends the socket", async () => {
  const api = await start();
  await connections(1);
  apis.splice(0);
  await api.stop();
  await connections(0);
});

describe("a Slack that is away at the start", () => {
  test("keeps nothing from starting: /readyz says so until it is there", async () => {
    const port = await freePort();
    const api = await start({ settings: { apiUrl: `http://127.0.0.1:${port}/api/`, appId: null } });
    expect((await api.call("/healthz")).status).toBe(200);
    const ready = await api.call("/readyz");
    expect([ready.status, (await checks(api)).ok]).toEqual([200, false]);
    const late = await fakeSlack(port);
    const { url } = slack.answers.get("apps.connections.open") ?? {};
    late.answers.set("apps.connections.open", { url });
    await eventually("a connection", async () => ((await checks(api)).ok ? true : undefined));
    await late.stop();
  });

  test("until it has said which app this is, no click is taken", async () => {
    slack.answers.set("bots.info", { ok: false, error: "fatal_error" });
    const api = await start({ settings: { appId: null, inbound: { transport: "http", signingSecret: SECRET } } });
    await waiting(api, "req_unknown");
    expect((await deliver(api, clickOf(api, tokenFor("req_unknown")))).status).toBe(403);
    slack.answers.delete("bots.info");
    await eventually("the app's id", async () => ((await checks(api)).ok ? true : undefined));
    expect((await deliver(api, clickOf(api, tokenFor("req_unknown")))).status).toBe(200);
    expect(await signalsOf(api, "req_unknown")).toHaveLength(1);
  });
});
