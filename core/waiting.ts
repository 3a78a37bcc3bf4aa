import type { Deliberation, Happening, MessageEvent, Step } from "./deliberation-types.ts";
import { excludedPeople, flagOf } from "./eligibility.ts";
import { dueReminders, dueWidenings, impossibleWidenings, standingOf, type Widening, widened } from "./escalation.ts";
import type { Reason } from "./evaluation.ts";
import { LIMITS } from "./limits.ts";
import { type Instant, isPerson } from "./principal.ts";
import { isMet } from "./quorum.ts";
import type { Json } from "./request.ts";
import { because, flagged, happening, recorded, refuse, stepTo, withFlag } from "./transition.ts";

/** The one door to `starting`: nobody has to answer, or everyone who had to has approved. */
export function started(state: Deliberation, now: Instant): Step {
  const attempt = state.attempt + 1;
  const executeBy = now + state.validForSeconds * 1000;
  const next: Deliberation = {
    ...state,
    phase: "starting",
    hold: null,
    attempt,
    metAt: now,
    executeBy,
    settling: null,
    claimSeen: false,
  };
  const reasons = state.requirement ? [because("REVIEW_REQUIREMENT_MET")] : state.reasons;
  const told = happening("request.starting", { reasons, data: { attempt, executeBy } });
  return stepTo(next, [told], null, [{ kind: "start", attempt, executeBy }]);
}

/**
 * Back to, or still with, people: widens what nobody could fill, and starts when all have approved
 * or, after an allow, nobody has to.
 */
export function awaited(state: Deliberation, now: Instant): Step {
  let wider: Deliberation = { ...state, phase: "pending", hold: null, metAt: null, executeBy: null };
  const happened: Happening[] = [];
  if (!isReady(wider)) {
    for (let due = impossibleWidenings(wider); due.length > 0; due = impossibleWidenings(wider)) {
      wider = widened(wider, due);
      happened.push(...due.map((one) => escalated(one, "TIME_ESCALATED_IMPOSSIBLE")));
    }
  }
  if (!isReady(wider)) return stepTo(wider, happened);
  const start = started(wider, now);
  return { ...start, happened: [...happened, ...start.happened] };
}

/** What a tick before the deadline does: reminds those missing and widens slots whose time has come. */
export function climbed(state: Deliberation, now: Instant): Step {
  const seconds = dueReminders(state, now);
  const happened: Happening[] = [];
  let wider: Deliberation = { ...state, reminded: [...state.reminded, ...seconds] };
  // A widened slot can free somebody another slot waits for, which then is open as well.
  for (let due = dueWidenings(wider, now); due.length > 0; due = dueWidenings(wider, now)) {
    wider = widened(wider, due);
    happened.push(...due.map((one) => escalated(one, "TIME_ESCALATED")));
  }
  if (seconds.length > 0) {
    const data = { missing: missingOf(wider) };
    happened.push(happening("request.reminded", { reasons: [because("TIME_REMINDED")], data }));
  }
  const next = awaited(wider, now);
  const opened = next.state.phase === "pending" && dueWidenings(next.state, now).length > 0;
  const last = opened ? climbed(next.state, now) : { ...next, happened: [] };
  return { ...last, happened: [...happened, ...next.happened, ...last.happened] };
}

/** A flag stops the clock until auditors have looked; what was left of it is given back. */
export function held(state: Deliberation, event: MessageEvent, now: Instant): Step {
  const { by } = event.message;
  const code = flagOf(event.message).reason ?? "REVIEW_OTHER";
  if (!isPerson(by)) return refuse(state, event, "REVIEW_NOT_A_PERSON");
  const holdSeconds = state.requirement?.holdSeconds ?? LIMITS.defaultHoldSeconds;
  const expiresAt = now + holdSeconds * 1000;
  const remainingMs = Math.max(0, (state.deadlineAt ?? now) - now);
  const next: Deliberation = {
    ...withFlag(state, event, true, now),
    phase: "held",
    hold: { by, since: now, expiresAt, remainingMs },
    metAt: null,
    executeBy: null,
    settling: null,
  };
  const told = happening("request.held", { by, reasons: [because(code)], data: { expiresAt } });
  return stepTo(next, [flagged(event, true), told], recorded(code));
}

/** Tells people that the request waits for them, and for whom of them. */
export function pending(state: Deliberation, reasons: Reason[]): Happening {
  return happening("request.pending", { reasons, data: { missing: missingOf(state), deadlineAt: state.deadlineAt } });
}

export function isReady({ requirement, widened: wider, reviews, parties }: Deliberation): boolean {
  return requirement === null || isMet(requirement, wider, reviews, excludedPeople(parties));
}

function missingOf(state: Deliberation): Json {
  return standingOf(state)
    .filter((one) => one.missing > 0)
    .map(({ from, missing }) => ({ from, missing }));
}

function escalated({ from, to }: Widening, code: string): Happening {
  return happening("request.escalated", { reasons: [because(code)], data: { slot: from, to } });
}
