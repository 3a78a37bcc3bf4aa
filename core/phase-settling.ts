import type { Deliberation, DeliberationEvent, ExecutionReport, Step } from "./deliberation-types.ts";
import { cancelled, deniedBy, expired, reported, withdrawnBy } from "./endings.ts";
import type { Instant } from "./principal.ts";
import { cancelling, flaggedTooLate, stopping } from "./too-late.ts";
import {
  type EventOf,
  happening,
  ignore,
  ignoring,
  isMessage,
  type PhaseTransitions,
  refuse,
  refusing,
  stepTo,
  taken,
} from "./transition.ts";
import { held } from "./waiting.ts";

const busy = refusing("REVIEW_BUSY", "Refused: another answer is being settled this moment.");

/** Somebody, or time, wants the attempt not to start; the database says which came first. */
export const settlingTransitions: PhaseTransitions = {
  approve: busy,
  deny: busy,
  flag: busy,
  withdraw: busy,
  stop: busy,
  extend: busy,
  release: busy,
  reject: busy,
  tick: ignoring("Ignored: the settlement decides."),
  cancelled: { does: "Takes the place of what wanted the attempt not to start.", run: cancel },
  settled: {
    does: "Never started: denied, held, withdrawn or expired, as was wanted. Already started: back to starting, the sender is told; with a report, ended.",
    run: settled,
  },
  gateRefused: ignoring("Ignored: the settlement decides."),
  executed: {
    does: "Ended with the outcome the executor reports: a report means that the claim was first.",
    run: executed,
  },
};

function cancel(state: Deliberation, event: EventOf<"cancelled">): Step {
  return stepTo({ ...state, settling: event });
}

function settled(state: Deliberation, { settlement }: EventOf<"settled">, now: Instant): Step {
  const told = happening("request.settled", { data: { attempt: state.attempt, won: settlement.won } });
  const next = settlement.won ? won(state, now) : lost(state, settlement.report, now);
  return { ...next, happened: [told, ...next.happened] };
}

/** The settlement still to come has nothing left to decide; what it answers is kept for it. */
function executed(state: Deliberation, { attempt, report }: EventOf<"executed">, now: Instant): Step {
  if (attempt !== state.attempt) return ignore(state);
  const end = lost(state, report, now);
  return { ...end, state: { ...end.state, settling: state.settling } };
}

/** The tombstone stands: this attempt never started and never will. */
function won(state: Deliberation, now: Instant): Step {
  const event = state.settling;
  const free: Deliberation = { ...state, settling: null };
  if (!event || event.kind === "tick") return expired(free, "TIME_NOT_STARTED");
  if (!isMessage(event)) {
    // The message a cancellation displaced, if there was one, finds the request ended.
    return { ...cancelled(free), answer: { recorded: false, code: "REVIEW_ALREADY_DECIDED" } };
  }
  switch (event.message.verb) {
    case "deny":
      return deniedBy(taken(free, event), event, now);
    case "flag":
      return held(taken(free, event), event, now);
    default:
      return withdrawnBy(taken(free, event), event);
  }
}

/** A claim was first: the action runs, or has run. */
function lost(state: Deliberation, report: ExecutionReport | null, now: Instant): Step {
  const running: Deliberation = { ...state, phase: "starting", settling: null, claimSeen: true };
  const told = tell(running, state.settling, report !== null, now);
  if (!report) return told;
  const end = reported(told.state, report);
  return { ...end, answer: told.answer, happened: [...told.happened, ...end.happened] };
}

/** What became of the wish that this attempt should not start. */
function tell(running: Deliberation, event: DeliberationEvent | null, over: boolean, now: Instant): Step {
  if (!event || event.kind === "tick") return stepTo(running);
  if (!isMessage(event)) {
    const step = over ? stepTo(running) : cancelling(running);
    return { ...step, answer: { recorded: false, code: "REVIEW_TOO_LATE" } };
  }
  switch (event.message.verb) {
    case "flag":
      return flaggedTooLate(running, event, now);
    case "stop":
      return over ? refuse(running, event, "REVIEW_ALREADY_DECIDED") : stopping(running, event);
    default:
      return refuse(running, event, "REVIEW_TOO_LATE");
  }
}
