import type { Deliberation, MessageEvent, Step } from "./deliberation-types.ts";
import { inTime, mayApprove, mayDeny, mayExtend, mayFlag, mayWithdraw } from "./eligibility.ts";
import { cancelled, deniedBy, timedOut, withdrawnBy } from "./endings.ts";
import type { Instant } from "./principal.ts";
import {
  because,
  followedUp,
  happening,
  ignoring,
  type PhaseTransitions,
  recorded,
  refuse,
  refusing,
  taken,
  withReview,
} from "./transition.ts";
import { awaited, climbed, held } from "./waiting.ts";

/** The request waits for people. */
export const pendingTransitions: PhaseTransitions = {
  approve: {
    does: "This person's answer is kept in place of an earlier one; when everyone who has to has approved, the action starts.",
    run: approve,
  },
  deny: { does: "Denied. A reason code is required.", run: deny },
  flag: { does: "Held for auditors; the deadline stands still. A reason code and a note are required.", run: flag },
  withdraw: { does: "Withdrawn, by the requester, the owner or an operator.", run: withdraw },
  stop: refusing("REVIEW_NOT_RUNNING", "Refused: nothing is starting or running."),
  extend: { does: "The deadline moves, as far as the policy allows.", run: extend },
  release: refusing("REVIEW_NOT_HELD", "Refused: the request is not held."),
  reject: refusing("REVIEW_NOT_HELD", "Refused: the request is not held."),
  tick: { does: "Reminds those missing, widens a slot, and at the deadline expires.", run: tick },
  cancelled: { does: "Withdrawn by an operator.", run: cancelled },
  settled: ignoring("Ignored: nothing was being settled."),
  gateRefused: ignoring("Ignored: no attempt is under way."),
  executed: ignoring("Ignored: no attempt is under way."),
};

function approve(state: Deliberation, event: MessageEvent, now: Instant): Step {
  const refusal = mayApprove(state, event.message) ?? inTime(event.message, state.deadlineAt);
  if (refusal) return refuse(state, event, refusal);
  const reviewed = followedUp(withReview(taken(state, event), event), event, now);
  const next = awaited(reviewed.state, now);
  const { by, note } = event.message;
  const lost = state.reviews.filter((one) => one.via !== undefined && event.message.off?.includes(one.via));
  const data = lost.length === 0 ? {} : { noLongerCounted: lost.map((one) => one.person) };
  const approved = happening("review.approved", { by, reasons: [because("REVIEW_APPROVED", note)], data });
  const answer = recorded(next.state.phase === "starting" ? "REVIEW_REQUIREMENT_MET" : "REVIEW_APPROVED");
  return { ...next, answer, happened: [approved, ...reviewed.happened, ...next.happened] };
}

function deny(state: Deliberation, event: MessageEvent, now: Instant): Step {
  const refusal = mayDeny(state, event.message) ?? inTime(event.message, state.deadlineAt);
  return refusal ? refuse(state, event, refusal) : deniedBy(taken(state, event), event, now);
}

function flag(state: Deliberation, event: MessageEvent, now: Instant): Step {
  const refusal = mayFlag(state, event.message) ?? inTime(event.message, state.deadlineAt);
  return refusal ? refuse(state, event, refusal) : held(taken(state, event), event, now);
}

function withdraw(state: Deliberation, event: MessageEvent): Step {
  const refusal = mayWithdraw(state, event.message);
  return refusal ? refuse(state, event, refusal) : withdrawnBy(taken(state, event), event);
}

function extend(state: Deliberation, event: MessageEvent, now: Instant): Step {
  const refusal = mayExtend(state, event.message) ?? inTime(event.message, state.deadlineAt);
  if (refusal) return refuse(state, event, refusal);
  const { by, note, extendSeconds } = event.message;
  const deadlineAt = (state.deadlineAt ?? 0) + (extendSeconds ?? 0) * 1000;
  const told = { by, reasons: [because("REVIEW_EXTENDED", note)], data: { deadlineAt, extendSeconds } };
  const next = { ...taken(state, event), deadlineAt };
  const waiting = awaited(next, now);
  const happened = [happening("request.extended", told), ...waiting.happened];
  return { ...waiting, happened, answer: recorded("REVIEW_EXTENDED") };
}

function tick(state: Deliberation, _event: { kind: "tick" }, now: Instant): Step {
  if (state.deadlineAt !== null && now >= state.deadlineAt) return timedOut(state);
  return climbed(state, now);
}
