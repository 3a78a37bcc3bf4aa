import type { RequestView } from "../api/contract/request.ts";
import type { ActionType, ArgumentsOf } from "./actions.ts";
import { ApprovalPending } from "./errors.ts";
import { isSent, sendMessage } from "./message.ts";
import { type Executed, executedOrThrow, hasEnded } from "./outcome.ts";
import { createTransport, type Transport, worthRepeating } from "./transport.ts";
import { type NamedTool, type WrapOptions, type WrappedTool, wrapTool } from "./wrap-tool.ts";

export type { ActionType, ArgumentsOf, KnownAction } from "./actions.ts";
export {
  ApiError,
  ApprovalDenied,
  ApprovalError,
  ApprovalExpired,
  ApprovalFailed,
  ApprovalPending,
  ApprovalUnknown,
  ApprovalWithdrawn,
  type NotExecuted,
  NotReachable,
} from "./errors.ts";
export type { Executed } from "./outcome.ts";
export type { NamedTool, WrapOptions, WrappedTool } from "./wrap-tool.ts";
export type { RequestView };

export type ApprovalsOptions = {
  /** Address of the Countersign API, e.g. `https://approvals.example.com`. */
  url: string;
  /** The agent's API key or workload token. Sent as `Authorization: Bearer`; never logged, never in an error. */
  token: string;
  /** Another `fetch`, e.g. one with a proxy. Default: the platform's. */
  fetch?: typeof globalThis.fetch;
};

export type Ask<Type extends ActionType> = {
  /** Name of a configured target; never an address or a credential. */
  target: string;
  /** Checked by the action's own schema; exactly these will run. */
  arguments: ArgumentsOf<Type>;
};

export type AskOptions = {
  /**
   * Idempotency key: 1–200 printable ASCII characters without spaces. The same key is the same
   * request for ever, so a restarted process that asks again with it gets the first one's answer.
   */
  key: string;
  /** Seconds to wait for the end; 0 only asks. Default: until it ends (every request has a deadline). */
  wait?: number;
  /** Why; people read it and policies may demand it. At most 2,000 characters. */
  justification?: string;
  /** The agent's own run id, a hint for people. At most 200 characters. */
  run?: string;
  /** Stops the waiting, not the request. */
  signal?: AbortSignal;
};

export type WaitOptions = {
  /** Seconds; default: until it ends. */
  timeoutSeconds?: number;
  /** Stops the waiting, not the request. */
  signal?: AbortSignal;
};

export interface Approvals {
  /**
   * Asks for a privileged action and waits until it was executed. Survives lost connections, 5xx
   * and 429: it repeats itself with the same key, which never makes a second request.
   *
   * @returns what the action gave back, with the digest of what ran.
   * @throws {ApprovalDenied | ApprovalExpired | ApprovalWithdrawn | ApprovalFailed | ApprovalUnknown} how it ended.
   * @throws {ApprovalPending} `wait` is over; go on with `waitFor(error.requestId)`.
   * @throws {ApiError} the call was wrong, e.g. `ARGUMENTS_INVALID`, or `IDEMPOTENCY_CONFLICT`: the key named another action.
   * @throws {NotReachable} nothing was heard before `wait` was over (or for two minutes, without `wait`).
   */
  perform<Type extends ActionType>(action: Type, ask: Ask<Type>, options: AskOptions): Promise<Executed>;

  /**
   * Waits for a request that was asked for before, in this process or another one.
   *
   * @throws like {@link perform}; `ApprovalPending` when `timeoutSeconds` are over.
   */
  waitFor<Result = unknown>(requestId: string, options?: WaitOptions): Promise<Executed<Result>>;

  /** The request as it stands, ended or not. @throws {ApiError} `NOT_FOUND` when it is not this agent's. */
  request(requestId: string, options?: WaitOptions): Promise<RequestView>;

  /**
   * Takes the request back. Wins until the action has started.
   *
   * @returns the request as it stands afterwards; `status` says whether it is withdrawn already.
   * @throws {ApiError} `REVIEW_ALREADY_DECIDED`, or `REVIEW_TOO_LATE` when it has started.
   */
  withdraw(requestId: string, options?: { note?: string; signal?: AbortSignal }): Promise<RequestView>;

  /**
   * A tool of the same name and parameters that asks instead of doing. The tool's own `execute` is
   * never called: the executor runs the action, with credentials this process does not have.
   */
  wrapTool<T extends NamedTool, Args, Type extends ActionType>(
    tool: T,
    options: WrapOptions<Args, Type>,
  ): WrappedTool<T, Args>;
}

/** Seconds. `hold`: longest single call, below the sixty after which many proxies hang up. */
const WAITS = { hold: 50, firstAnswer: 120, message: 60 } as const;

export function createApprovals(options: ApprovalsOptions): Approvals {
  const transport = createTransport(options);
  const approvals: Approvals = {
    perform: async (action, ask, how) => {
      const giveUpAt = how.wait === undefined ? null : Date.now() + how.wait * 1000;
      const first = await submit(transport, action, ask, how, giveUpAt);
      return executedOrThrow(await untilEnded(transport, first, { giveUpAt, signal: how.signal }));
    },
    waitFor: async (requestId, how = {}) => {
      const giveUpAt = how.timeoutSeconds === undefined ? null : Date.now() + how.timeoutSeconds * 1000;
      const first = await read(transport, requestId, 0, { giveUpAt, signal: how.signal });
      return executedOrThrow(await untilEnded(transport, first, { giveUpAt, signal: how.signal }));
    },
    request: (requestId, how = {}) =>
      read(transport, requestId, 0, {
        giveUpAt: Date.now() + (how.timeoutSeconds ?? WAITS.message) * 1000,
        signal: how.signal,
      }),
    withdraw: async (requestId, how = {}) => {
      const until = { giveUpAt: Date.now() + WAITS.message * 1000, signal: how.signal };
      const body = how.note === undefined ? {} : { note: how.note };
      const message = { requestId, path: "withdraw", body, key: globalThis.crypto.randomUUID() };
      const answer = await sendMessage(transport, message, until);
      return isSent(answer) ? read(transport, requestId, 0, until) : answer;
    },
    wrapTool: (tool, how) => wrapTool(approvals, tool, how),
  };
  return approvals;
}

type Bound = { giveUpAt: number | null; signal: AbortSignal | undefined };

async function submit<Type extends ActionType>(
  transport: Transport,
  action: Type,
  ask: Ask<Type>,
  how: AskOptions,
  giveUpAt: number | null,
): Promise<RequestView> {
  // The wait goes into the body, so an answer within it costs one call.
  const hold = holdSeconds(giveUpAt);
  const answer = await transport.insist(
    {
      method: "POST",
      path: "/v1/requests",
      idempotencyKey: how.key,
      holdSeconds: hold,
      body: {
        action,
        target: ask.target,
        arguments: ask.arguments,
        ...(how.justification === undefined ? {} : { justification: how.justification }),
        ...(how.run === undefined ? {} : { run: how.run }),
        wait: hold,
      },
    },
    // Asking is tried for a while even with `wait: 0`: one lost packet must not lose the ask.
    { giveUpAt: Math.max(giveUpAt ?? 0, Date.now() + WAITS.firstAnswer * 1000), signal: how.signal },
  );
  return answer as RequestView;
}

async function untilEnded(transport: Transport, first: RequestView, bound: Bound): Promise<RequestView> {
  let request = first;
  while (!hasEnded(request)) {
    if (bound.giveUpAt !== null && Date.now() >= bound.giveUpAt) return request;
    try {
      request = await read(transport, request.id, holdSeconds(bound.giveUpAt), bound);
    } catch (error) {
      // Time ran out while the API was away: what was last seen is still an honest answer.
      if (worthRepeating(error)) throw new ApprovalPending(lastSeen(request, error));
      throw error;
    }
  }
  return request;
}

function lastSeen(request: RequestView, error: unknown) {
  const note = `Last seen as ${request.status}; since then: ${error instanceof Error ? error.message : "no answer"}`;
  return { requestId: request.id, reasonCode: null, note, request };
}

async function read(transport: Transport, requestId: string, wait: number, bound: Bound): Promise<RequestView> {
  const answer = await transport.insist(
    {
      method: "GET",
      path: `/v1/requests/${encodeURIComponent(requestId)}`,
      query: { wait: wait > 0 ? wait : undefined },
      holdSeconds: wait,
    },
    bound,
  );
  return answer as RequestView;
}

/** Whole seconds for one call, never longer than what is left. */
function holdSeconds(giveUpAt: number | null): number {
  if (giveUpAt === null) return WAITS.hold;
  return Math.max(0, Math.min(WAITS.hold, Math.ceil((giveUpAt - Date.now()) / 1000)));
}
