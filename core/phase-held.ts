import type { Deliberation, MessageEvent, Step } from "./deliberation-types.ts";
import { flagOf, inTime, mayApprove, mayDeny, mayEndHold, mayFlag, mayWithdraw, type Refusal } from "./eligibility.ts";
import { cancelled, deniedBy, expired, rejectedBy, withdrawnBy } from "./endings.ts";
import type { Instant } from "./principal.ts";
import {
  because,
  flagged,
  followedUp,
  happening,
  ignore,
  ignoring,
  type PhaseTransitions,
  recorded,
  refuse,
  refusing,
  stepTo,
  taken,
  withFlag,
  withReview,
} from "./transition.ts";
import { awaited, pending } from "./waiting.ts";

/** Somebody flagged the request; auditors decide first, and the deadline stands still. */
export const heldTransitions: PhaseTransitions = {
  approve: { does: "This person's answer is kept and counts after a release.", run: approve },
  deny: { does: "Denied. A reason code is required.", run: deny },
  flag: { does: "The note is added; the hold stays as it is.", run: flag },
  withdraw: { does: "Withdrawn, by the requester, the owner or an operator.", run: withdraw },
  stop: refusing("REVIEW_NOT_RUNNING", "Refused: nothing is starting or running."),
  extend: refusing("REVIEW_HELD", "Refused: the deadline stands still while the request is held."),
  release: {
    does: "Back to people with the time that was left; when everyone who has to has approved, the action starts. For auditors who did not flag it.",
    run: release,
  },
  reject: { does: "Denied, by an auditor who did not flag it.", run: reject },
  tick: { does: "Expires when nobody ended the hold in time.", run: tick },
  cancelled: { does: "Withdrawn by an operator.", run: cancelled },
  settled: ignoring("Ignored: nothing was being settled."),
  gateRefused: ignoring("Ignored: no attempt is under way."),
  executed: ignoring("Ignored: no attempt is under way."),
};

function approve(state: Deliberation, event: MessageEvent, now: Instant): Step {
  if (!state.requirement) return refuse(state, event, "REVIEW_NOT_PENDING");
  const refusal = mayApprove(state, event.message) ?? beforeEnd(state, event);
  if (refusal) return refuse(state, event, refusal);
  const reviewed = followedUp(withReview(taken(state, event), event), event, now);
  const { by, note } = event.message;
  const approved = happening("review.approved", { by, reasons: [because("REVIEW_APPROVED", note)] });
  return stepTo(reviewed.state, [approved, ...reviewed.happened], recorded("REVIEW_APPROVED"));
}

function deny(state: Deliberation, event: MessageEvent, now: Instant): Step {
  const refusal = mayDeny(state, event.message) ?? beforeEnd(state, event);
  return refusal ? refuse(state, event, refusal) : deniedBy(taken(state, event), event, now);
}

function flag(state: Deliberation, event: MessageEvent, now: Instant): Step {
  const refusal = mayFlag(state, event.message) ?? beforeEnd(state, event);
  if (refusal) return refuse(state, event, refusal);
  const next = withFlag(taken(state, event), event, true, now);
  return stepTo(next, [flagged(event, true)], recorded(flagOf(event.message).reason ?? "REVIEW_OTHER"));
}

function withdraw(state: Deliberation, event: MessageEvent): Step {
  const refusal = mayWithdraw(state, event.message);
  return refusal ? refuse(state, event, refusal) : withdrawnBy(taken(state, event), event);
}

function release(state: Deliberation, event: MessageEvent, now: Instant): Step {
  const refusal = mayEndHold(state, event.message) ?? beforeEnd(state, event);
  if (refusal) return refuse(state, event, refusal);
  const deadlineAt = state.deadlineAt === null ? null : now + (state.hold?.remainingMs ?? 0);
  const free: Deliberation = { ...taken(state, event), deadlineAt, hold: null };
  const next = awaited(free, now);
  const reasons = [because("REVIEW_RELEASED", event.message.note)];
  const released = happening("request.released", { by: event.message.by, reasons });
  const waiting = next.state.phase === "pending" ? [pending(next.state, reasons)] : [];
  const happened = [released, ...waiting, ...next.happened];
  return { ...next, happened, answer: recorded("REVIEW_RELEASED") };
}

function reject(state: Deliberation, event: MessageEvent): Step {
  const refusal = mayEndHold(state, event.message) ?? beforeEnd(state, event);
  return refusal ? refuse(state, event, refusal) : rejectedBy(taken(state, event), event);
}

function tick(state: Deliberation, _event: { kind: "tick" }, now: Instant): Step {
  if (state.hold && now < state.hold.expiresAt) return ignore(state);
  return expired(state, "TIME_HOLD_EXPIRED");
}

/** The hold has an end of its own, which an answer read late must have come before. */
function beforeEnd({ hold }: Deliberation, { message }: MessageEvent): Refusal {
  return inTime(message, hold?.expiresAt ?? null);
}
