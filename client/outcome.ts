import type { RequestView } from "../api/contract/request.ts";
import {
  ApprovalDenied,
  ApprovalError,
  ApprovalExpired,
  ApprovalFailed,
  ApprovalPending,
  ApprovalUnknown,
  ApprovalWithdrawn,
  type Why,
} from "./errors.ts";

/** An action that was executed. */
export type Executed<Result = unknown> = {
  requestId: string;
  /** Names exactly what ran: `sha256:` over the canonical JSON of type, target and arguments. */
  digest: string;
  /** What the action gave back; its shape belongs to the action type. */
  result: Result;
  /** RFC 3339. */
  startedAt: string | null;
  endedAt: string | null;
  request: RequestView;
};

/** Everything a request can have come to, as a value or as the error that says so. */
export function outcomeOf<Result>(request: RequestView): Executed<Result> | ApprovalError {
  const why = whyOf(request);
  switch (request.status) {
    case "succeeded":
      return {
        requestId: request.id,
        digest: request.digest,
        result: (request.execution?.result ?? null) as Result,
        startedAt: request.execution?.startedAt ?? null,
        endedAt: request.execution?.endedAt ?? null,
        request,
      };
    case "denied":
      return new ApprovalDenied(why);
    case "expired":
      return new ApprovalExpired(why);
    case "withdrawn":
      return new ApprovalWithdrawn(why);
    case "failed":
      return new ApprovalFailed(why);
    case "unknown":
      return new ApprovalUnknown(why);
    case "evaluating":
    case "pending":
    case "held":
    case "starting":
    case "running":
      return new ApprovalPending(why);
    default:
      // A status of a newer server: never taken for executed.
      return new ApprovalPending({ ...why, note: `The status is ${String(request.status satisfies never)}.` });
  }
}

export function executedOrThrow<Result>(request: RequestView): Executed<Result> {
  const outcome = outcomeOf<Result>(request);
  if (outcome instanceof ApprovalError) throw outcome;
  return outcome;
}

export function hasEnded(request: RequestView): boolean {
  return !(outcomeOf(request) instanceof ApprovalPending);
}

function whyOf(request: RequestView): Why {
  const decisive = request.decision?.reasons[0] ?? request.reasons[0] ?? null;
  return {
    requestId: request.id,
    reasonCode: decisive?.code ?? request.execution?.code ?? null,
    note: decisive?.note ?? request.execution?.detail ?? null,
    request,
  };
}
