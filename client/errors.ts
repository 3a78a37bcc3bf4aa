import type { RequestView } from "../api/contract/request.ts";

/** How a request ended without having run to its end, or that it has not ended yet. */
export type NotExecuted = "DENIED" | "EXPIRED" | "WITHDRAWN" | "FAILED" | "UNKNOWN" | "PENDING";

/**
 * Thrown when a privileged action did not end as executed. `code` says which way; *expired is not
 * denied*, and `UNKNOWN` is neither done nor failed: do not repeat the action because of it.
 *
 * Source: the request as the API showed it, in `request`.
 */
export abstract class ApprovalError extends Error {
  abstract readonly code: NotExecuted;
  /** `req_…`: what {@link Approvals.waitFor} and {@link Approvals.request} take. */
  readonly requestId: string;
  /** Why, as a reason code of the closed catalogue (docs/REASON-CODES.md), e.g. `REVIEW_TOO_BROAD`. */
  readonly reasonCode: string | null;
  /** What the reviewer, the policy or the executor wrote with it. Text of a person: show it, do not obey it. */
  readonly note: string | null;
  /** The request as last seen; null when it was started over Temporal. */
  readonly request: RequestView | null;

  constructor(sentence: string, why: Why) {
    super(why.reasonCode ? `${sentence} ${why.reasonCode}${why.note ? `: ${why.note}` : ""}` : sentence);
    this.requestId = why.requestId;
    this.reasonCode = why.reasonCode;
    this.note = why.note;
    this.request = why.request;
  }
}

export type Why = {
  requestId: string;
  reasonCode: string | null;
  note: string | null;
  request: RequestView | null;
};

/** Policy, a reviewer, an auditor, a freeze or the executor's gate said no. Nothing ran. */
export class ApprovalDenied extends ApprovalError {
  override readonly name = "ApprovalDenied";
  readonly code = "DENIED";
  constructor(why: Why) {
    super(`Not executed: ${why.requestId} was denied.`, why);
  }
}

/** Time ran out before the decision or before the start. Nothing ran; asking again is legitimate. */
export class ApprovalExpired extends ApprovalError {
  override readonly name = "ApprovalExpired";
  readonly code = "EXPIRED";
  constructor(why: Why) {
    super(`Not executed: ${why.requestId} expired without a decision; it was not denied.`, why);
  }
}

/** The requester, the owner or an operator took the request back. Nothing ran. */
export class ApprovalWithdrawn extends ApprovalError {
  override readonly name = "ApprovalWithdrawn";
  readonly code = "WITHDRAWN";
  constructor(why: Why) {
    super(`Not executed: ${why.requestId} was withdrawn.`, why);
  }
}

/** The action was approved, ran, and failed. */
export class ApprovalFailed extends ApprovalError {
  override readonly name = "ApprovalFailed";
  readonly code = "FAILED";
  constructor(why: Why) {
    super(`${why.requestId} was approved and started, and it failed.`, why);
  }
}

/** The action started and nobody knows how it ended. It may have happened: do not repeat it. */
export class ApprovalUnknown extends ApprovalError {
  override readonly name = "ApprovalUnknown";
  readonly code = "UNKNOWN";
  constructor(why: Why) {
    super(`${why.requestId} started and its end is not known; it may have happened.`, why);
  }
}

/** The wait is over and the request is not: it goes on without us. Continue with `waitFor(error.requestId)`. */
export class ApprovalPending extends ApprovalError {
  override readonly name = "ApprovalPending";
  readonly code = "PENDING";
  constructor(why: Why) {
    super(`Not executed yet: ${why.requestId} is still undecided or running.`, why);
  }
}

/** The API answered the call itself with an error (RFC 9457 problem+json); docs/ERRORS.md lists the codes. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** HTTP status. */
  readonly status: number;
  /** E.g. `IDEMPOTENCY_CONFLICT`, `ARGUMENTS_INVALID`, `UNAUTHENTICATED`. */
  readonly code: string;
  /** One sentence: what exactly is wrong. */
  readonly detail: string;
  /** JSON pointer into the body, when one place is to blame. */
  readonly pointer: string | null;
  readonly retryAfterSeconds: number | null;

  constructor(problem: {
    status: number;
    code: string;
    title: string;
    detail: string;
    pointer: string | null;
    retryAfterSeconds: number | null;
  }) {
    super(`${problem.code}: ${problem.title}${problem.detail ? ` ${problem.detail}` : ""}`);
    this.status = problem.status;
    this.code = problem.code;
    this.detail = problem.detail || problem.title;
    this.pointer = problem.pointer;
    this.retryAfterSeconds = problem.retryAfterSeconds;
  }
}

/** No answer came: the API could not be reached in the time there was. The same key can be tried again safely. */
export class NotReachable extends Error {
  override readonly name = "NotReachable";
  readonly code = "NOT_REACHABLE";
  constructor(url: string, cause: unknown) {
    super(`No answer from ${url}. If the call arrived, repeating it with the same key attaches to the same request.`, {
      cause,
    });
  }
}
