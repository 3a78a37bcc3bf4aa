import { createHmac, randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocket, WebSocketServer } from "ws";
import type { Fields } from "./driver.ts";

/** Something a person did, on its way from Slack to the app. */
export type Delivery = {
  transport: "http" | "socket";
  /** As parsed from whatever form it came in. */
  payload: Fields;
  /** The exact bytes and headers of an HTTP delivery. */
  body: string;
  headers: Record<string, string>;
  at: number;
  /** null: not acknowledged within Slack's 3 seconds. */
  acknowledged: { afterMs: number; status: number; answer: unknown } | null;
};

export type Deliveries = {
  all: Delivery[];
  /** What is changed in everything that comes; HTTP deliveries are signed anew. */
  alter: ((payload: Fields) => Fields) | null;
  /** HTTP: the same bytes once more. Socket: the same payload in an envelope of its own, to every connection. */
  again(delivery: Delivery): Promise<number>;
  /** Cuts every open socket, as Slack does when it refreshes them. */
  cutSockets(): void;
  sockets(): number;
  takeHttp(request: IncomingMessage, body: string, response: ServerResponse): Promise<void>;
  takeSocket(request: IncomingMessage, socket: Duplex, head: Buffer, upstream: string): void;
};

type Options = {
  deliverTo: string | null;
  signingSecret: string;
  issue: (trigger: string) => void;
  homeOf: (user: string) => Fields | null;
};
type Envelope = { envelope_id?: string; type?: string; payload?: Fields; accepts_response_payload?: boolean };

/** Slack shows its own error when nothing is acknowledged by then. */
const ACKNOWLEDGE_MS = 3_000;

/**
 * Between the double and the app, in both transports. Of several sockets one gets an envelope, as with Slack;
 * the double would give it to all.
 */
export function createDeliveries({ deliverTo, signingSecret, issue, homeOf }: Options): Deliveries {
  const server = new WebSocketServer({ noServer: true });
  const clients = new Set<WebSocket>();
  const envelopes = new Map<string, Delivery>();
  const altered = (payload: Fields): Fields => {
    const real = clickedAtHome(payload, homeOf);
    return deliveries.alter?.(real) ?? real;
  };
  const note = (payload: Fields): void => {
    if (typeof payload.trigger_id === "string") issue(payload.trigger_id);
  };
  const send = async (delivery: Delivery) => {
    const started = Date.now();
    const response = await fetch(deliverTo ?? "", {
      method: "POST",
      headers: delivery.headers,
      body: delivery.body,
      signal: AbortSignal.timeout(ACKNOWLEDGE_MS),
    });
    const answer = await response.text();
    return { response, answer, afterMs: Date.now() - started };
  };
  const deliveries: Deliveries = {
    all: [],
    alter: null,
    async again(delivery) {
      if (delivery.transport === "http") return (await send(delivery)).response.status;
      const envelope = { envelope_id: randomUUID(), type: "interactive", payload: delivery.payload };
      for (const client of clients) client.send(JSON.stringify({ ...envelope, accepts_response_payload: true }));
      return clients.size;
    },
    cutSockets: () => {
      for (const client of clients) client.terminate();
    },
    sockets: () => clients.size,
    async takeHttp(request, body, response) {
      const payload = payloadOf(body);
      const changed = altered(payload);
      const delivery: Delivery = {
        ...{ transport: "http", payload: changed, at: Date.now(), acknowledged: null },
        ...(changed === payload ? { body, headers: kept(request) } : signed(body, changed, signingSecret)),
      };
      note(delivery.payload);
      deliveries.all.push(delivery);
      try {
        const { response: given, answer, afterMs } = await send(delivery);
        delivery.acknowledged = { afterMs, status: given.status, answer };
        response.writeHead(given.status, { "content-type": given.headers.get("content-type") ?? "text/plain" });
        response.end(answer);
      } catch {
        response.writeHead(504).end();
      }
    },
    takeSocket(request, socket, head, upstream) {
      server.handleUpgrade(request, socket, head, (client) => {
        const slack = new WebSocket(upstream);
        const waiting: string[] = [];
        clients.add(client);
        slack.on("open", () => {
          for (const text of waiting.splice(0)) slack.send(text);
        });
        slack.on("message", (data) => {
          const text = downwards(String(data));
          if (text !== null) client.send(text);
        });
        client.on("message", (data) => {
          acknowledge(String(data));
          if (slack.readyState === WebSocket.OPEN) slack.send(String(data));
          else waiting.push(String(data));
        });
        client.on("close", () => {
          clients.delete(client);
          slack.close();
        });
        slack.on("close", () => client.close());
        for (const one of [client, slack]) one.on("error", () => undefined);
      });
    },
  };

  /** null: another connection has this envelope already. */
  function downwards(text: string): string | null {
    const envelope = JSON.parse(text) as Envelope;
    const { envelope_id, payload } = envelope;
    if (envelope_id === undefined || payload === undefined) return text;
    if (envelopes.has(envelope_id)) return null;
    const changed = altered(payload);
    const none = { body: "", headers: {}, acknowledged: null };
    const delivery: Delivery = { ...none, transport: "socket", payload: changed, at: Date.now() };
    envelopes.set(envelope_id, delivery);
    note(changed);
    deliveries.all.push(delivery);
    return JSON.stringify({ ...envelope, payload: changed });
  }

  function acknowledge(text: string): void {
    const { envelope_id, payload } = JSON.parse(text) as Envelope;
    const delivery = envelope_id === undefined ? undefined : envelopes.get(envelope_id);
    if (delivery === undefined) return;
    const afterMs = Date.now() - delivery.at;
    if (afterMs <= ACKNOWLEDGE_MS) delivery.acknowledged = { afterMs, status: 200, answer: payload };
  }
  return deliveries;
}

/** The double calls a home a message that is not there; Slack says which view it was, and of no conversation. */
function clickedAtHome(payload: Fields, homeOf: (user: string) => Fields | null): Fields {
  if (payload.type !== "block_actions" || payload.message !== undefined) return payload;
  const view = homeOf(String((payload.user as Fields).id));
  if (view === null) return payload;
  const { channel: _channel, message: _message, response_url: _url, ...rest } = payload;
  return { ...rest, container: { type: "view", view_id: view.id }, view };
}

/** As Slack signs a body, for a test that makes up its own. */
export function signatureHeaders(secret: string, body: string, at = Date.now()): Record<string, string> {
  const timestamp = String(Math.floor(at / 1000));
  const mac = createHmac("sha256", secret).update(`v0:${timestamp}:${body}`).digest("hex");
  return { "x-slack-request-timestamp": timestamp, "x-slack-signature": `v0=${mac}` };
}

function payloadOf(body: string): Fields {
  if (body.startsWith("{")) return JSON.parse(body) as Fields;
  const form = new URLSearchParams(body);
  const payload = form.get("payload");
  return payload === null ? Object.fromEntries(form) : (JSON.parse(payload) as Fields);
}

/** In the form the original came in. */
function signed(original: string, payload: Fields, secret: string) {
  const isJson = original.startsWith("{");
  const isCommand = !isJson && !new URLSearchParams(original).has("payload");
  const form = isCommand ? (payload as Record<string, string>) : { payload: JSON.stringify(payload) };
  const body = isJson ? JSON.stringify(payload) : new URLSearchParams(form).toString();
  const type = isJson ? "application/json" : "application/x-www-form-urlencoded";
  return { body, headers: { "content-type": type, ...signatureHeaders(secret, body) } };
}

function kept({ headers }: IncomingMessage): Record<string, string> {
  const names = ["content-type", "x-slack-signature", "x-slack-request-timestamp"];
  return Object.fromEntries(names.map((name) => [name, String(headers[name] ?? "")]));
}
