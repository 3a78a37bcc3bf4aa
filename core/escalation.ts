import type { Deliberation } from "./deliberation-types.ts";
import { excludedPeople } from "./eligibility.ts";
import type { GroupId, Instant } from "./principal.ts";
import { isPossible, missing, openSlots, type SlotStanding, starvedSlots } from "./quorum.ts";
import type { Requirement } from "./requirement.ts";

/** One widening of one slot. */
export type Widening = { slot: number; from: GroupId; to: GroupId };

/** Reminders (seconds after opening) whose time has come and that were not given yet. */
export function dueReminders(state: Deliberation, now: Instant): number[] {
  const remind = state.requirement?.remindSeconds ?? [];
  return remind.filter((seconds) => !state.reminded.includes(seconds) && after(state, seconds) <= now);
}

/** Widenings whose time has come, of slots that still wait for people. */
export function dueWidenings(state: Deliberation, now: Instant): Widening[] {
  return openWidenings(state)
    .filter((one) => after(state, one.afterSeconds) <= now)
    .map(({ slot, from, to }) => ({ slot, from, to }));
}

/** Nobody is left who could fill these slots: all their widenings, whatever the time. */
export function impossibleWidenings(state: Deliberation): Widening[] {
  const { requirement } = state;
  if (!requirement || canBeMet(state)) return [];
  const starved = starvedSlots(requirement, state.widened, state.roster, excludedPeople(state.parties));
  return starved.flatMap((slot) =>
    widenings(requirement, state.widened, slot).map(({ from, to }) => ({ slot, from, to })),
  );
}

/** Widening one slot can free people another slot competes for, so it goes on until nothing is left to widen. */
export function widened(state: Deliberation, widenings: Widening[]): Deliberation {
  const wider = (state.requirement?.slots ?? []).map((_, slot) => {
    const added = widenings.filter((one) => one.slot === slot).map((one) => one.to);
    return [...new Set([...(state.widened[slot] ?? []), ...added])];
  });
  return { ...state, widened: wider };
}

/** When the ladder next has something to do; the deadline is its last rung. */
export function nextRung(state: Deliberation): Instant | null {
  if (state.deadlineAt === null) return null;
  const reminders = (state.requirement?.remindSeconds ?? []).filter((seconds) => !state.reminded.includes(seconds));
  const times = [...reminders, ...openWidenings(state).map((one) => one.afterSeconds)];
  return Math.min(state.deadlineAt, ...times.map((seconds) => after(state, seconds)));
}

export function canBeMet(state: Deliberation): boolean {
  const { requirement, widened: wider, roster, parties } = state;
  return requirement === null || isPossible(requirement, wider, roster, excludedPeople(parties));
}

/** How every slot stands now. */
export function standingOf(state: Deliberation): SlotStanding[] {
  const { requirement, widened: wider, reviews, parties } = state;
  return requirement ? missing(requirement, wider, reviews, excludedPeople(parties)) : [];
}

function openWidenings(state: Deliberation): { slot: number; from: GroupId; to: GroupId; afterSeconds: number }[] {
  const { requirement, widened: wider, reviews, parties } = state;
  if (!requirement) return [];
  return openSlots(requirement, wider, reviews, excludedPeople(parties)).flatMap((slot) =>
    widenings(requirement, wider, slot).map((one) => ({ slot, ...one })),
  );
}

function widenings(
  requirement: Requirement,
  wider: GroupId[][],
  slot: number,
): { from: GroupId; to: GroupId; afterSeconds: number }[] {
  const one = requirement.slots[slot];
  if (!one) return [];
  return one.escalate
    .filter(({ to }) => !(wider[slot] ?? []).includes(to))
    .map(({ to, afterSeconds }) => ({ from: one.from, to, afterSeconds }));
}

function after(state: Deliberation, seconds: number): Instant {
  return state.openedAt + seconds * 1000;
}
