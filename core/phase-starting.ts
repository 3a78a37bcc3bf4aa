import type { Deliberation, DeliberationEvent, MessageEvent, Step } from "./deliberation-types.ts";
import { inTime, mayApprove, mayDeny, mayFlag, mayStop, mayWithdraw, type Refusal } from "./eligibility.ts";
import { reported } from "./endings.ts";
import { gateRefused } from "./gate-refusal.ts";
import type { Instant } from "./principal.ts";
import { cancelling, flaggedTooLate, stopping } from "./too-late.ts";
import {
  because,
  type EventOf,
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
  withReview,
} from "./transition.ts";

/**
 * An attempt is on its way to the gate, or running. Whoever wants it not to start asks the
 * database first: until a claim exists, deny, flag, withdraw and stop still win.
 */
export const startingTransitions: PhaseTransitions = {
  approve: { does: "This person's answer is kept; it counts if the gate sends the request back.", run: approve },
  deny: { does: "Settles the attempt: never started → denied; already started → refused, too late.", run: deny },
  flag: { does: "Settles the attempt: never started → held; already started → a follow-up without a hold.", run: flag },
  withdraw: {
    does: "Settles the attempt: never started → withdrawn; already started → refused, too late.",
    run: withdraw,
  },
  stop: { does: "Settles the attempt: never started → withdrawn; already started → asked to stop.", run: stop },
  extend: refusing("REVIEW_NOT_PENDING", "Refused: the request is not waiting for people."),
  release: refusing("REVIEW_NOT_HELD", "Refused: the request is not held."),
  reject: refusing("REVIEW_NOT_HELD", "Refused: the request is not held."),
  tick: {
    does: "When the approval has run out, settles the attempt: never started → expired; already started → waits for its end.",
    run: tick,
  },
  cancelled: { does: "Settles the attempt: never started → withdrawn; already started → asked to stop.", run: cancel },
  settled: ignoring("Ignored: nothing was being settled."),
  gateRefused: {
    does: "Back to people with what is missing, at most three times and never with a new deadline; or denied; or expired.",
    run: gateRefused,
  },
  executed: { does: "Ended with the outcome the executor reports.", run: executed },
};

function approve(state: Deliberation, event: MessageEvent, now: Instant): Step {
  if (!state.requirement) return refuse(state, event, "REVIEW_NOT_PENDING");
  const refusal = mayApprove(state, event.message) ?? inTime(event.message, state.deadlineAt);
  if (refusal) return refuse(state, event, refusal);
  const reviewed = followedUp(withReview(taken(state, event), event), event, now);
  const { by, note } = event.message;
  const approved = happening("review.approved", { by, reasons: [because("REVIEW_APPROVED", note)] });
  return stepTo(reviewed.state, [approved, ...reviewed.happened], recorded("REVIEW_APPROVED"));
}

function deny(state: Deliberation, event: MessageEvent): Step {
  return unlessClaimed(state, event, mayDeny(state, event.message));
}

function withdraw(state: Deliberation, event: MessageEvent): Step {
  return unlessClaimed(state, event, mayWithdraw(state, event.message));
}

function flag(state: Deliberation, event: MessageEvent, now: Instant): Step {
  const refusal = mayFlag(state, event.message);
  if (refusal) return refuse(state, event, refusal);
  return state.claimSeen ? flaggedTooLate(state, event, now) : settling(state, event);
}

function stop(state: Deliberation, event: MessageEvent): Step {
  const refusal = mayStop(state, event.message);
  if (refusal) return refuse(state, event, refusal);
  return state.claimSeen ? stopping(state, event) : settling(state, event);
}

function cancel(state: Deliberation, event: EventOf<"cancelled">): Step {
  return state.claimSeen ? cancelling(state) : settling(state, event);
}

function tick(state: Deliberation, event: EventOf<"tick">, now: Instant): Step {
  const waiting = state.claimSeen || (state.executeBy !== null && now < state.executeBy);
  return waiting ? ignore(state) : settling(state, event);
}

function executed(state: Deliberation, { attempt, report }: EventOf<"executed">): Step {
  return attempt === state.attempt ? reported(state, report) : ignore(state);
}

function unlessClaimed(state: Deliberation, event: MessageEvent, refusal: Refusal): Step {
  if (refusal) return refuse(state, event, refusal);
  return state.claimSeen ? refuse(state, event, "REVIEW_TOO_LATE") : settling(state, event);
}

/** The sender is answered when it is known whether the attempt had started. */
function settling(state: Deliberation, event: DeliberationEvent): Step {
  const next: Deliberation = { ...state, phase: "settling", settling: event };
  return stepTo(next, [], null, [{ kind: "settle", attempt: state.attempt }]);
}
