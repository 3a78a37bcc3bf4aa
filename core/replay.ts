import { open, step, wakeAt } from "./deliberation.ts";
import type { AdmittedMessage, Deliberation, Opening } from "./deliberation-types.ts";
import { inTime } from "./eligibility.ts";
import type { Instant } from "./principal.ts";
import type { Digest } from "./request.ts";
import type { Roster } from "./requirement.ts";

/** A recorded message, verified again, with the standing of people as it is now. */
export type ReplayedMessage = { message: AdmittedMessage; roster: Roster; at: Instant };

/**
 * What the recorded messages add up to under the evaluation that holds now: the executor's own
 * judgement, which owes nothing to the state somebody hands it. Every settlement counts as won,
 * because a claim would have ended the matter before.
 */
export function replay(
  opening: Opening,
  messages: ReplayedMessage[],
  now: Instant,
  /** Does an approval given on these facts still hold on the facts of the opening? */
  stillHolds: (factsDigest: Digest) => boolean,
): Deliberation {
  let state = settledAsWon(open(opening).state, opening.openedAt);
  let clock = opening.openedAt;
  for (const { message, roster, at } of messages) {
    const until = Math.max(clock, at);
    state = ticked(state, clock, until, message);
    clock = until;
    const judged = onFactsOf(opening, message, stillHolds);
    const next = step(state, { kind: message.verb, message: judged, roster }, clock).state;
    state = settledAsWon(confirmedAt(state, next, message, clock), clock);
  }
  return ticked(allowedAt(state, clock), clock, Math.max(clock, now), null);
}

/**
 * The ticks that were due. A message answered in time is taken before the tick that would end
 * the wait, even when it was read late; and an attempt does not run out while people still
 * answer, because it was refused by the gate, or they could not have.
 */
function ticked(from: Deliberation, since: Instant, until: Instant, next: AdmittedMessage | null): Deliberation {
  let state = from;
  let due = wakeAt(state);
  while (due !== null && due <= until && !(next && waitsFor(state, due, next))) {
    const at = Math.max(since, due);
    state = settledAsWon(step(state, { kind: "tick" }, at).state, at);
    due = wakeAt(state);
  }
  return state;
}

function waitsFor(state: Deliberation, due: Instant, message: AdmittedMessage): boolean {
  if (state.phase === "starting") return true;
  const last = state.phase === "held" ? state.hold?.expiresAt : state.deadlineAt;
  return due === last && (message.verb === "withdraw" || inTime(message, due) === null);
}

/**
 * Who approves again while an attempt is under way was asked again by a gate: their approval
 * is as old as their last word.
 */
function confirmedAt(before: Deliberation, next: Deliberation, message: AdmittedMessage, clock: Instant): Deliberation {
  const again = before.reviews.some((review) => review.person === message.by && review.verb === "approve");
  const kept = next.phase === "starting" && before.phase === "starting" && next.seen.length > before.seen.length;
  if (!again || !kept || message.verb !== "approve") return next;
  return { ...next, metAt: clock, executeBy: clock + next.validForSeconds * 1000 };
}

/** What the policy allows now, people were asked before: it may start within its time after their last word. */
function allowedAt(state: Deliberation, clock: Instant): Deliberation {
  if (state.phase !== "starting" || state.requirement || state.metAt === null) return state;
  const metAt = Math.max(state.metAt, clock);
  return { ...state, metAt, executeBy: metAt + state.validForSeconds * 1000 };
}

function onFactsOf(
  { evaluation }: Opening,
  message: AdmittedMessage,
  stillHolds: (factsDigest: Digest) => boolean,
): AdmittedMessage {
  const { factsDigest, verb } = message;
  if (verb !== "approve" || factsDigest === null || factsDigest === evaluation.factsDigest) return message;
  return stillHolds(factsDigest) ? { ...message, factsDigest: evaluation.factsDigest } : message;
}

function settledAsWon(state: Deliberation, at: Instant): Deliberation {
  if (state.phase !== "settling") return state;
  return step(state, { kind: "settled", settlement: { won: true } }, at).state;
}
