import type { Deliberation, ExecutionReport, MessageEvent, Outcome, Step } from "./deliberation-types.ts";
import { canBeMet, standingOf } from "./escalation.ts";
import type { Reason } from "./evaluation.ts";
import { type Instant, OPERATORS, type PrincipalId } from "./principal.ts";
import { because, ended, followedUp, happening, recorded, stepTo, withReview } from "./transition.ts";

/** How a request ends, each way once; which phase it ends from makes no difference. */
export function deniedBy(state: Deliberation, event: MessageEvent, now: Instant): Step {
  const { by, reason, note } = event.message;
  const reasons = [because(reason ?? "REVIEW_OTHER", note)];
  const reviewed = followedUp(withReview(state, event), event, now);
  const end = ended(reviewed.state, outcome("denied", reasons, "people", [by]));
  const review = happening("review.denied", { by, reasons });
  return stepTo(end.state, [review, ...reviewed.happened, end.happened], recorded(reason ?? "REVIEW_OTHER"));
}

export function rejectedBy(state: Deliberation, { message }: MessageEvent): Step {
  const reasons = [because("REVIEW_REJECTED", message.note)];
  if (message.reason && message.reason !== "REVIEW_REJECTED") reasons.push(because(message.reason, message.note));
  const end = ended(state, outcome("denied", reasons, "auditor", [message.by]));
  return stepTo(end.state, [end.happened], recorded("REVIEW_REJECTED"));
}

export function withdrawnBy(state: Deliberation, { message }: MessageEvent): Step {
  const decidedBy = roleOf(state, message.by, message.groups);
  const stopped = message.verb === "stop";
  const code = stopped ? "REVIEW_STOPPED" : decidedBy === "operator" ? "ADMIN_WITHDRAWN" : "REVIEW_WITHDRAWN";
  const reasons = [because(code, message.note)];
  const end = ended(state, outcome("withdrawn", reasons, decidedBy, [message.by]));
  return stepTo(end.state, [end.happened], recorded(code));
}

export function cancelled(state: Deliberation): Step {
  const end = ended(state, outcome("withdrawn", [because("ADMIN_CANCELLED")], "operator", []));
  return stepTo(end.state, [end.happened]);
}

export function expired(state: Deliberation, code: string, note: string | null = null): Step {
  const end = ended(state, outcome("expired", [because(code, note)], "time", []));
  return stepTo(end.state, [end.happened]);
}

/** Time ran out on people: say whether they could have met it at all. */
export function timedOut(state: Deliberation): Step {
  return expired(state, canBeMet(state) ? "TIME_EXPIRED" : "TIME_QUORUM_IMPOSSIBLE");
}

export function deniedBecause(state: Deliberation, reasons: Reason[], decidedBy: "gate" | "policy"): Step {
  const end = ended(state, outcome("denied", reasons, decidedBy, []));
  return stepTo(end.state, [end.happened]);
}

/** The action ran, or may have: decided by those whose approvals filled the slots, or by an allow. */
export function reported(state: Deliberation, report: ExecutionReport): Step {
  const people = standingOf(state).flatMap((slot) => slot.filledBy);
  const decidedBy = state.requirement ? "people" : "policy";
  const reasons = [because(report.code, report.detail)];
  const end = ended(state, { status: report.status, reasons, decidedBy, people, report });
  return stepTo(end.state, [end.happened]);
}

function outcome(
  status: "denied" | "expired" | "withdrawn",
  reasons: Reason[],
  decidedBy: Outcome["decidedBy"],
  people: PrincipalId[],
): Outcome {
  return { status, reasons, decidedBy, people, report: null };
}

function roleOf(state: Deliberation, by: PrincipalId, groups: string[]): Outcome["decidedBy"] {
  if (by === state.parties.requester) return "requester";
  if (by === state.parties.owner) return "owner";
  return groups.includes(OPERATORS) ? "operator" : "people";
}
