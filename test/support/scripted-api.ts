import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { RequestView } from "../../api/contract/request.ts";

/** One heard call, and how the server is told to answer it. */
export type Heard = {
  method: string;
  path: string;
  query: { [name: string]: string };
  headers: FastifyRequest["headers"];
  body: unknown;
};
export type Reply =
  | { status: number; body: unknown; headers?: { [name: string]: string } }
  /** The call arrived, the answer does not: the connection breaks. */
  | "lost";
export type ScriptedApi = { url: string; heard: Heard[]; close(): Promise<void> };

/**
 * A real HTTP server that speaks the contract from a script, for faults a healthy API does not
 * show: lost replies, 429, 503. The script gets each call and its number, counted from 0.
 */
export async function scriptedApi(script: (call: Heard, number: number) => Reply): Promise<ScriptedApi> {
  const heard: Heard[] = [];
  const app: FastifyInstance = Fastify({ forceCloseConnections: true });
  app.all("/*", async (request: FastifyRequest, reply: FastifyReply) => {
    const url = new URL(request.url, "http://scripted");
    const call: Heard = {
      method: request.method,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: request.headers,
      body: request.body,
    };
    const answer = script(call, heard.push(call) - 1);
    if (answer === "lost") {
      reply.hijack();
      request.raw.socket.destroy();
      return;
    }
    const type = answer.status < 400 ? "application/json" : "application/problem+json";
    reply.status(answer.status).headers({ "content-type": type, ...answer.headers });
    return JSON.stringify(answer.body);
  });
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  return { url, heard, close: () => app.close() };
}

const DIGEST = `sha256:${"ab".repeat(32)}` as const;
const AT = "2026-11-24T08:00:00.000Z";

/** A pending export as the API shows it; each test changes one thing. */
export function requestView(change: Partial<RequestView> = {}): RequestView {
  return {
    id: "req_0123456789abcdefghjkmnpqrs",
    status: "pending",
    digest: DIGEST,
    factsDigest: `sha256:${"cd".repeat(32)}`,
    action: { type: "postgres.export" },
    target: "crm",
    environment: "development",
    arguments: { statement: "select id from customers", format: "csv", maxRows: 100 },
    justification: "Quarterly report",
    requester: { id: "agent:reporter", name: "Reporter" },
    owner: { id: "person:olga", name: "Olga" },
    onBehalfOf: null,
    run: null,
    reasons: [{ code: "PII_EXPORT", text: "Personal data leaves the database.", rule: "pii-export", note: null }],
    preview: {
      title: "Export 42 rows of customers",
      fields: [{ label: "Target", value: "crm (development)" }],
      body: { label: "Statement", language: "sql", text: "select id from customers" },
      warnings: [],
    },
    requirement: {
      slots: [{ from: "group:data", count: 1, widenedTo: [], filledBy: [], missing: 1 }],
      channels: ["page", "api"],
      latestDeadlineAt: AT,
      justification: "optional",
    },
    deadlineAt: AT,
    executeBy: null,
    hold: null,
    flags: [],
    decision: null,
    execution: null,
    resolution: null,
    allowedVerbs: ["approve", "deny", "flag"],
    reviewUrl: "http://127.0.0.1:8420/requests/req_0123456789abcdefghjkmnpqrs",
    statusUrl: "http://127.0.0.1:8420/v1/requests/req_0123456789abcdefghjkmnpqrs",
    createdAt: AT,
    updatedAt: AT,
    revision: 1,
    ...change,
  };
}

/** The same request, ended. */
export function endedView(
  status: "succeeded" | "failed" | "unknown" | "denied" | "expired" | "withdrawn",
  reason: { code: string; note: string | null } = { code: "EXEC_SUCCEEDED", note: null },
): RequestView {
  const ran = status === "succeeded" || status === "failed" || status === "unknown";
  return requestView({
    status,
    requirement: null,
    deadlineAt: null,
    allowedVerbs: [],
    decision: {
      status,
      by: "people",
      people: [{ id: "person:rita", name: "Rita" }],
      reasons: [{ code: reason.code, text: `The sentence of ${reason.code}.`, rule: null, note: reason.note }],
    },
    execution: ran
      ? {
          status,
          code: reason.code,
          startedAt: AT,
          endedAt: AT,
          result: status === "succeeded" ? { file: "export.csv", rows: 42 } : null,
          detail: null,
        }
      : null,
  });
}

export function problem(status: number, code: string, more: { [name: string]: unknown } = {}): Reply {
  const body = { type: `urn:${code}`, title: `The sentence of ${code}.`, status, code, detail: "", ...more };
  const wait = more.retryAfterSeconds;
  return { status, body, ...(wait === undefined ? {} : { headers: { "retry-after": String(wait) } }) };
}
