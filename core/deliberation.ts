import type {
  Deliberation,
  DeliberationEvent,
  EventKind,
  MessageEvent,
  Opening,
  Phase,
  Step,
} from "./deliberation-types.ts";
import { deniedBecause } from "./endings.ts";
import { nextRung } from "./escalation.ts";
import { LIMITS } from "./limits.ts";
import type { Verb } from "./message.ts";
import { endedTransitions } from "./phase-ended.ts";
import { heldTransitions } from "./phase-held.ts";
import { pendingTransitions } from "./phase-pending.ts";
import { settlingTransitions } from "./phase-settling.ts";
import { startingTransitions } from "./phase-starting.ts";
import type { Instant } from "./principal.ts";
import { because, type Cell, isMessage, type PhaseTransitions, recorded, refuse, stepTo } from "./transition.ts";
import { awaited, pending, started } from "./waiting.ts";

/** The whole lifecycle: every phase and every event. docs/LIFECYCLE.md is generated from it. */
export const TRANSITIONS: Readonly<Record<Phase, PhaseTransitions>> = {
  pending: pendingTransitions,
  held: heldTransitions,
  starting: startingTransitions,
  settling: settlingTransitions,
  ended: endedTransitions,
};

/** Begins with what the policy said: nobody has to answer, or people are asked. */
export function open(opening: Opening): Step {
  const { evaluation, openedAt } = opening;
  const state = unopened(opening);
  if (evaluation.outcome === "deny") return deniedBecause(state, evaluation.reasons, "policy");
  if (evaluation.outcome === "allow") return started(state, openedAt);
  const { requirement } = evaluation;
  if (!requirement || requirement.slots.length === 0) {
    return deniedBecause(state, [...evaluation.reasons, because("POLICY_UNANSWERABLE")], "policy");
  }
  const deadlineAt = openedAt + requirement.timeoutSeconds * 1000;
  const { validForSeconds, slots } = requirement;
  const asked: Deliberation = { ...state, requirement, validForSeconds, deadlineAt, widened: slots.map(() => []) };
  const step = awaited(asked, openedAt);
  return { ...step, happened: [pending(asked, evaluation.reasons), ...step.happened] };
}

/** The one function that decides. Total: it never throws and never reads a clock. */
export function step(state: Deliberation, event: DeliberationEvent, now: Instant): Step {
  if (isMessage(event)) return unlessUnfit(state, event) ?? run(state, event.kind, event, now);
  return run(state, event.kind, event, now);
}

/** When `step` next wants a tick; null: only events can move it. */
export function wakeAt(state: Deliberation): Instant | null {
  switch (state.phase) {
    case "pending":
      return nextRung(state);
    case "held":
      return state.hold?.expiresAt ?? null;
    case "starting":
      return state.claimSeen ? null : state.executeBy;
    case "settling":
    case "ended":
      return null;
  }
}

function run(state: Deliberation, kind: EventKind, event: DeliberationEvent, now: Instant): Step {
  // The table pairs each kind with its own event; the compiler cannot follow that through an index.
  const cell = TRANSITIONS[state.phase][kind] as Cell<EventKind>;
  return cell.run(state, event as never, now);
}

/** What holds for every message, whatever the phase. */
function unlessUnfit(state: Deliberation, event: MessageEvent): Step | null {
  const { id, verb, digest } = event.message;
  if (event.kind !== verb) return refuse(state, event, "REVIEW_NOT_ALLOWED");
  if (state.seen.includes(id)) return stepTo(state, [], recorded(codeOf(state)));
  if (state.phase === "ended" || state.phase === "settling") return null;
  if (state.seen.length >= LIMITS.messagesPerRequest && !ENDING.includes(verb)) {
    return refuse(state, event, "REVIEW_TOO_MANY");
  }
  return digest === state.digest ? null : refuse(state, event, "REVIEW_DIGEST_CHANGED");
}

/** However many messages came: nobody is ever kept from saying no. */
const ENDING: readonly Verb[] = ["deny", "withdraw", "reject"];

/** How things stand, in one code, for somebody whose message is already part of it. */
function codeOf(state: Deliberation): string {
  switch (state.phase) {
    case "pending":
      return "REVIEW_APPROVED";
    case "held":
      return "REVIEW_HELD";
    case "starting":
      return state.requirement ? "REVIEW_REQUIREMENT_MET" : "POLICY_ALLOWED";
    case "settling":
      return "REVIEW_BUSY";
    case "ended":
      return state.outcome?.reasons[0]?.code ?? "REVIEW_ALREADY_DECIDED";
  }
}

function unopened({ requestId, digest, parties, evaluation, roster, openedAt }: Opening): Deliberation {
  return {
    phase: "pending",
    requestId,
    digest,
    factsDigest: evaluation.factsDigest,
    parties,
    requirement: null,
    validForSeconds: evaluation.validForSeconds,
    roster,
    reasons: evaluation.reasons,
    reviews: [],
    flags: [],
    openedAt,
    deadlineAt: null,
    hold: null,
    reminded: [],
    widened: [],
    attempt: 0,
    metAt: null,
    executeBy: null,
    rounds: 0,
    settling: null,
    claimSeen: false,
    seen: [],
    outcome: null,
  };
}
