import type { Answer, Deliberation, Step } from "./deliberation-types.ts";
import { flagOf } from "./eligibility.ts";
import { ignoring, isMessage, type PhaseTransitions, recorded, refusing, stepTo } from "./transition.ts";

const over = refusing("REVIEW_ALREADY_DECIDED", "Refused: the request has ended.");

/** Ended stays ended. */
export const endedTransitions: PhaseTransitions = {
  approve: over,
  deny: over,
  flag: over,
  withdraw: over,
  stop: over,
  extend: over,
  release: over,
  reject: over,
  tick: ignoring("Ignored: the request has ended."),
  cancelled: ignoring("Ignored: the request has ended."),
  settled: { does: "Ignored, except that a sender still waiting for it is answered.", run: settled },
  gateRefused: ignoring("Ignored: the request has ended."),
  executed: ignoring("Ignored: the request has ended."),
};

/** A report ended the request while somebody waited for the settlement: they came too late. */
function settled(state: Deliberation): Step {
  const { settling: event } = state;
  if (!event || !isMessage(event)) return stepTo(state);
  const kept = event.message.verb === "flag";
  const answer: Answer = kept
    ? recorded(flagOf(event.message).reason ?? "REVIEW_OTHER")
    : { recorded: false, code: "REVIEW_TOO_LATE" };
  return stepTo({ ...state, settling: null }, [], answer);
}
