import { setTimeout as sleep } from "node:timers/promises";
import type { RequestView } from "../../api/contract/request.ts";

export type Problem = { code: string; status: number; detail: string; pointer?: string };
/** A request, or why it was refused: a test looks at the fields of one of them. */
export type Either = RequestView & Omit<Problem, "status">;
export type Reply<T> = { status: number; headers: Headers; body: T };

/** HTTP as one principal, close to what curl would do. */
export type Calls = {
  get<T = RequestView>(path: string): Promise<Reply<T>>;
  post<T = RequestView>(path: string, body: unknown, headers?: Record<string, string>): Promise<Reply<T>>;
  /** Asks for an export and hands back the request. */
  ask(
    statement: string,
    more?: { maxRows?: number; format?: string; key?: string; wait?: number },
  ): Promise<Reply<RequestView>>;
  /** Answers with exactly what was read. */
  review(id: string, verb: "approve" | "deny" | "flag", more?: object): Promise<Reply<Either>>;
  say(id: string, verb: "withdraw" | "extend" | "release" | "reject" | "stop", more?: object): Promise<Reply<Either>>;
  /** Polls until the request has one of these statuses. */
  until(id: string, ...statuses: RequestView["status"][]): Promise<RequestView>;
};

let keys = 0;

export function createCalls(url: string, token: () => Promise<string>): Calls {
  const call = async <T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await token()}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: (text === "" ? null : JSON.parse(text)) as T };
  };
  const calls: Calls = {
    get: (path) => call("GET", path),
    post: (path, body, headers) =>
      call("POST", path, body, { "idempotency-key": `key-${process.pid}-${keys++}`, ...headers }),
    ask(statement, { maxRows = 100_000, format = "csv", key, wait = 0 } = {}) {
      const body = { action: "postgres.export", target: "crm", arguments: { statement, format, maxRows }, wait };
      return calls.post("/v1/requests", body, key === undefined ? {} : { "idempotency-key": key });
    },
    async review(id, verb, more = {}) {
      const { body } = await calls.get(`/v1/requests/${id}`);
      const { digest, factsDigest } = body;
      return calls.post(`/v1/requests/${id}/reviews`, { verb, digest, factsDigest, ...more });
    },
    async say(id, verb, more = {}) {
      const { body } = await calls.get(`/v1/requests/${id}`);
      return calls.post(`/v1/requests/${id}/${verb}`, { digest: body.digest, ...more });
    },
    async until(id, ...statuses) {
      for (let tries = 0; tries < 600; tries++) {
        const { body } = await calls.get(`/v1/requests/${id}`);
        if (statuses.includes(body.status)) return body;
        await sleep(100);
      }
      const { body } = await calls.get(`/v1/requests/${id}`);
      throw new Error(`${id} is ${body.status}, not ${statuses.join(" or ")}: ${JSON.stringify(body)}`);
    },
  };
  return calls;
}
