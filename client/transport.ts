import { ApiError, NotReachable } from "./errors.ts";

/** One HTTP API, spoken to with one credential. */
export interface Transport {
  /** Sends once; rejects with {@link ApiError} (the API said no) or {@link NotReachable} (nothing was heard). */
  send(call: Call): Promise<unknown>;
  /** Sends until it is answered: survives lost connections, 5xx and 429. For calls that are safe to repeat. */
  insist(call: Call, until: Until): Promise<unknown>;
}

export type Call = {
  method: "GET" | "POST";
  /** Under the base address, e.g. `/v1/requests`. */
  path: string;
  query?: { [name: string]: string | number | undefined };
  body?: unknown;
  /** Makes a write safe to repeat. */
  idempotencyKey?: string;
  /** How long the server may hold the call. */
  holdSeconds?: number;
};

export type Until = {
  /** Milliseconds since the epoch; null: until answered or aborted. */
  giveUpAt: number | null;
  signal?: AbortSignal | undefined;
};

export type TransportOptions = {
  url: string;
  token: string;
  fetch?: typeof globalThis.fetch | undefined;
};

/** Bounds of the client itself; waits of the server are in core/limits.ts. */
const BACKOFF = {
  firstMs: 200,
  capMs: 10_000,
  retryAfterCapSeconds: 120,
  replySeconds: 20,
  lastReplyMs: 3_000,
} as const;

export function createTransport(options: TransportOptions): Transport {
  const base = options.url.replace(/\/+$/, "");
  if (!/^https?:\/\//.test(base)) throw new TypeError(`url must begin with http:// or https://, not "${options.url}".`);
  const fetch = options.fetch ?? globalThis.fetch.bind(globalThis);

  async function send(call: Call, signal?: AbortSignal, giveUpAt: number | null = null): Promise<unknown> {
    const patience = AbortSignal.timeout(patienceMs(call, giveUpAt));
    let response: Response;
    let text: string;
    try {
      response = await fetch(base + call.path + queryOf(call.query), {
        method: call.method,
        headers: headersOf(options.token, call),
        // A redirect would carry the request, and with some fetches the token, to another place.
        redirect: "manual",
        signal: signal ? AbortSignal.any([signal, patience]) : patience,
        ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      });
      text = await response.text();
    } catch (cause) {
      signal?.throwIfAborted();
      throw new NotReachable(base, cause);
    }
    return answerOf(base, response, text);
  }

  async function insist(call: Call, until: Until): Promise<unknown> {
    for (let failures = 0; ; failures += 1) {
      until.signal?.throwIfAborted();
      try {
        return await send(call, until.signal, until.giveUpAt);
      } catch (error) {
        if (!worthRepeating(error)) throw error;
        const pause = pauseMs(error, failures);
        if (until.giveUpAt !== null && Date.now() + pause >= until.giveUpAt) throw error;
        await sleep(pause, until.signal);
      }
    }
  }

  return { send: (call) => send(call), insist };
}

/** A connection that says nothing is given up: what the server may hold, and a reply's time on top. */
function patienceMs(call: Call, giveUpAt: number | null): number {
  const patience = ((call.holdSeconds ?? 0) + BACKOFF.replySeconds) * 1000;
  return giveUpAt === null ? patience : Math.max(BACKOFF.lastReplyMs, Math.min(patience, giveUpAt - Date.now()));
}

function headersOf(token: string, call: Call): { [name: string]: string } {
  const headers: { [name: string]: string } = { accept: "application/json", authorization: `Bearer ${token}` };
  if (call.body !== undefined) headers["content-type"] = "application/json";
  if (call.idempotencyKey !== undefined) headers["idempotency-key"] = call.idempotencyKey;
  return headers;
}

function queryOf(query: Call["query"]): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) given.append(name, String(value));
  }
  return given.size === 0 ? "" : `?${given}`;
}

function answerOf(base: string, response: Response, text: string): unknown {
  const body = parsed(text);
  if (response.ok && body !== undefined) return body;
  // A proxy's page, or a success that is no JSON, is not an answer of the API.
  const problem = (typeof body === "object" && body !== null ? body : {}) as { [name: string]: unknown };
  throw new ApiError({
    status: response.status,
    code: typeof problem.code === "string" ? problem.code : "NOT_AN_ANSWER",
    title:
      typeof problem.title === "string" ? problem.title : `${base} answered ${response.status} without a body of ours.`,
    detail: typeof problem.detail === "string" ? problem.detail : "",
    pointer: typeof problem.pointer === "string" ? problem.pointer : null,
    retryAfterSeconds: retryAfterOf(response.headers.get("retry-after"), problem.retryAfterSeconds),
  });
}

function parsed(text: string): unknown {
  try {
    return text === "" ? {} : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Seconds, or an HTTP date; anything else counts as absent. */
function retryAfterOf(header: string | null, field: unknown): number | null {
  const seconds = typeof field === "number" ? field : Number.parseFloat(header ?? "");
  if (Number.isFinite(seconds) && seconds >= 0) return seconds;
  const at = Date.parse(header ?? "");
  return Number.isNaN(at) ? null : Math.max(0, (at - Date.now()) / 1000);
}

export function worthRepeating(error: unknown): boolean {
  if (error instanceof NotReachable) return true;
  return error instanceof ApiError && (error.status === 429 || error.status >= 500);
}

/** Exponential with full jitter, so that many waiting agents do not come back at once; never before Retry-After. */
function pauseMs(error: unknown, failures: number): number {
  const backoff = Math.random() * Math.min(BACKOFF.capMs, BACKOFF.firstMs * 2 ** Math.min(failures, 16));
  const asked = error instanceof ApiError ? (error.retryAfterSeconds ?? 0) : 0;
  return Math.min(asked, BACKOFF.retryAfterCapSeconds) * 1000 + backoff;
}

function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const finish = () => {
      signal?.removeEventListener("abort", stop);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", stop, { once: true });
  });
}
