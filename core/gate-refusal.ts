import type { Deliberation, GateRefusal, Step } from "./deliberation-types.ts";
import { deniedBecause, expired, reported } from "./endings.ts";
import type { Evaluation, Reason } from "./evaluation.ts";
import { LIMITS } from "./limits.ts";
import type { GroupId, Instant } from "./principal.ts";
import type { Requirement } from "./requirement.ts";
import { because, type EventOf, happening, ignore, withStanding } from "./transition.ts";
import { awaited, isReady, pending, started } from "./waiting.ts";

/** The executor's own check said no to the attempt under way. */
export function gateRefused(state: Deliberation, event: EventOf<"gateRefused">, now: Instant): Step {
  const { attempt, refusal } = event;
  if (attempt !== state.attempt) return ignore(state);
  const { code, detail, disposition } = refusal;
  const reasons = [because(code, detail), ...refusal.reasons];
  const told = happening("gate.refused", { reasons, data: { attempt, disposition, code } });
  const next = afterRefusal(state, refusal, reasons, now);
  return { ...next, happened: [told, ...next.happened] };
}

function afterRefusal(state: Deliberation, refusal: GateRefusal, reasons: Reason[], now: Instant): Step {
  const { code, detail, disposition } = refusal;
  if (state.claimSeen) {
    // A claim was there, so something may have run; a refusal cannot take that back.
    const nothing = { result: null, startedAt: null, endedAt: null };
    return reported(state, { status: "unknown", code: "EXEC_UNKNOWN", detail, ...nothing });
  }
  if (disposition === "expired") return expired(state, code, detail);
  if (disposition === "denied") return deniedBecause(state, reasons, "gate");
  if (state.rounds + 1 > LIMITS.gateRounds) {
    return deniedBecause(state, [because("EXEC_ROUNDS_EXHAUSTED"), ...reasons], "gate");
  }
  return again(state, refusal, reasons, now);
}

function again(state: Deliberation, refusal: GateRefusal, reasons: Reason[], now: Instant): Step {
  const { evaluation } = refusal;
  if (evaluation?.outcome === "deny") return deniedBecause(state, [...reasons, ...evaluation.reasons], "policy");
  const judged = evaluation ? underEvaluation(state, evaluation, now) : state;
  const factsDigest = refusal.factsDigest ?? evaluation?.factsDigest ?? state.factsDigest;
  const informed: Deliberation = { ...judged, factsDigest, roster: refusal.roster, rounds: state.rounds + 1 };
  const valid = refusal.voidReviewsBefore
    ? { ...informed, reviews: informed.reviews.filter((review) => review.factsDigest === factsDigest) }
    : informed;
  const next: Deliberation = { ...valid, reviews: withStanding(valid, refusal.roster) };
  if (next.requirement === null) {
    // An allow the gate itself reports is worth another attempt; the same allow again is not.
    return evaluation ? started(next, now) : deniedBecause(state, reasons, "gate");
  }
  // Nothing new was said and nobody is missing: another attempt would only meet the same refusal.
  if (!evaluation && isReady(next)) return deniedBecause(state, reasons, "gate");
  const waiting = awaited(next, now);
  if (waiting.state.phase !== "pending") return waiting;
  return { ...waiting, happened: [pending(waiting.state, reasons), ...waiting.happened] };
}

/** The deadline never restarts; what was added by extensions and holds stays added. */
function underEvaluation(state: Deliberation, evaluation: Evaluation, now: Instant): Deliberation {
  const { requirement, reasons, validForSeconds } = evaluation;
  if (evaluation.outcome === "allow" || !requirement) {
    return { ...state, requirement: null, reasons, validForSeconds, widened: [] };
  }
  return {
    ...state,
    requirement,
    reasons,
    validForSeconds: requirement.validForSeconds,
    deadlineAt: deadlineUnder(state, requirement, now),
    widened: requirement.slots.map((slot) => keptWidening(state, slot.from, slot.escalate)),
  };
}

function deadlineUnder(state: Deliberation, requirement: Requirement, now: Instant): Instant {
  if (state.deadlineAt === null || !state.requirement) return now + requirement.timeoutSeconds * 1000;
  const earlier = Math.max(0, state.requirement.timeoutSeconds - requirement.timeoutSeconds);
  return state.deadlineAt - earlier * 1000;
}

/** What time has already widened stays widened, where the new requirement would have done it too. */
function keptWidening(state: Deliberation, from: GroupId, escalate: { to: GroupId }[]): GroupId[] {
  const before = state.requirement?.slots.findIndex((slot) => slot.from === from) ?? -1;
  return (state.widened[before] ?? []).filter((group) => escalate.some((step) => step.to === group));
}
