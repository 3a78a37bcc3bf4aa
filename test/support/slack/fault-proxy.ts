import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Workspace } from "../../../cli/dev/slack-double/double.ts";
import { createDeliveries, type Deliveries } from "./deliveries.ts";
import type { Fields } from "./driver.ts";
import { createFaults, type Fault, type Faults } from "./faults.ts";
import { createStrictness, type Strictness } from "./strictness.ts";
import { isFields } from "./text-rules.ts";

/** One call of ours, as it arrived. `error` is Slack's word; null: it succeeded, or nobody could tell. */
export type Call = { method: string; args: Fields; at: number; status: number | null; error: string | null };

export type FaultProxy = {
  /** What SLACK_API_URL says. */
  apiUrl: string;
  /** Where the double hands over what people do, when it does that by HTTP. */
  requestUrl: string;
  /** Host as the double has to name it, so that its own URLs lead here too. */
  baseHost: string;
  /** Where the real double is. */
  stand(doubleUrl: string): void;
  calls: Call[];
  callsOf(method: string): Call[];
  faults: Faults;
  strictness: Strictness;
  deliveries: Deliveries;
  stop(): Promise<void>;
};

type ProxyOptions = { workspace: Workspace; deliverTo: string | null; seed?: number };

/** Stands between us and the double: as strict as Slack where the double is not, and as unreliable as a test says. */
export async function startFaultProxy({ workspace, deliverTo, seed = 1 }: ProxyOptions): Promise<FaultProxy> {
  const strictness = createStrictness(workspace);
  const faults = createFaults(seed);
  const deliveries = createDeliveries({
    deliverTo,
    signingSecret: workspace.app.signingSecret,
    issue: strictness.issue,
    homeOf: (user) => strictness.homes.get(user) ?? null,
  });
  const calls: Call[] = [];
  let double = "";
  const server = createServer((request, response) => {
    take(request, response).catch(() => response.destroy());
  });
  server.on("upgrade", (request, socket, head) => {
    deliveries.takeSocket(request, socket, head, `${double.replace("http", "ws")}${pathOf(request)}`);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");
  const host = `127.0.0.1:${address.port}`;

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await textOf(request);
    const path = pathOf(request);
    if (path === "/deliver") return deliveries.takeHttp(request, body, response);
    const method = path.startsWith("/_hooks/") ? "response_url" : (path.split("/").at(-1)?.split("?")[0] ?? "");
    const args = argumentsOf(request, body);
    const call: Call = { method, args, at: Date.now(), status: null, error: null };
    calls.push(call);
    const fault = faults.of(method, args);
    if (fault?.kind === "slow") await sleep(fault.ms);
    const early = fault === null ? null : before(fault);
    if (early === "destroy") return void response.destroy();
    const refused =
      early ?? strictness.refuse(method, args, method === "response_url" ? botToken : tokenOf(request, args));
    const { status, retryAfter, text } = refused
      ? { ...refused, text: JSON.stringify(refused.answer) }
      : { ...(await forward(request, path, body, method, args)), retryAfter: undefined };
    if (fault?.kind === "lost") return void response.destroy();
    call.status = status;
    call.error = errorOf(text);
    response.writeHead(refused && method === "response_url" ? 400 : status, {
      "content-type": "application/json",
      "x-oauth-scopes": strictness.scopes.join(","),
      ...(retryAfter === undefined ? {} : { "retry-after": String(retryAfter) }),
    });
    response.end(text);
  }

  const { botToken } = workspace.app;
  async function forward(request: IncomingMessage, path: string, body: string, method: string, args: Fields) {
    const type = request.headers["content-type"];
    const given = await fetch(`${double}${path}`, {
      method: request.method ?? "POST",
      headers: {
        ...(type === undefined ? {} : { "content-type": type }),
        authorization: request.headers.authorization ?? "",
      },
      ...(request.method === "GET" ? {} : { body }),
    });
    const text = await given.text();
    if (method === "response_url") return { status: given.status, text };
    return {
      status: given.status,
      text: JSON.stringify(strictness.complete(method, args, JSON.parse(text) as Fields)),
    };
  }

  return {
    apiUrl: `http://${host}/api/`,
    requestUrl: `http://${host}/deliver`,
    baseHost: `${host}/double`,
    stand: (doubleUrl) => {
      double = doubleUrl;
    },
    callsOf: (method) => calls.filter((call) => call.method === method),
    ...{ calls, faults, strictness, deliveries },
    async stop() {
      deliveries.cutSockets();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** What happens before Slack hears of the call; null: it goes on. */
function before(fault: Fault): { status: number; retryAfter?: number; answer: Fields } | "destroy" | null {
  switch (fault.kind) {
    case "rateLimited": {
      const answer = { ok: false, error: "ratelimited" };
      return { status: 429, answer, ...(fault.retryAfter === null ? {} : { retryAfter: fault.retryAfter }) };
    }
    case "status":
      return { status: fault.status, answer: { ok: false, error: "internal_error" } };
    case "error":
      return { status: 200, answer: { ok: false, error: fault.error, ...fault.more } };
    case "unreached":
      return "destroy";
    case "lost":
    case "slow":
      return null;
  }
}

/** Without the piece of the path that the double's own URLs carry. */
function pathOf(request: IncomingMessage): string {
  return (request.url ?? "/").replace(/^\/double:\d+/, "");
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

const JSON_ARGUMENTS = ["blocks", "attachments", "view", "metadata"];

function argumentsOf(request: IncomingMessage, body: string): Fields {
  const query = Object.fromEntries(new URL(request.url ?? "/", "http://127.0.0.1").searchParams);
  const given = body.trimStart().startsWith("{")
    ? (JSON.parse(body) as Fields)
    : (Object.fromEntries(new URLSearchParams(body)) as Fields);
  const args: Fields = { ...query, ...given };
  for (const name of JSON_ARGUMENTS) {
    if (typeof args[name] === "string") args[name] = JSON.parse(args[name]);
  }
  return args;
}

function tokenOf(request: IncomingMessage, args: Fields): string {
  return request.headers.authorization?.replace(/^Bearer /, "") ?? String(args.token ?? "");
}

function errorOf(text: string): string | null {
  try {
    const answer: unknown = JSON.parse(text);
    return isFields(answer) && typeof answer.error === "string" ? answer.error : null;
  } catch {
    return null;
  }
}
