import type { open, step, wakeAt } from "../../../core/deliberation.ts";
import type { Deliberation, DeliberationEvent, Effect, Step } from "../../../core/deliberation-types.ts";
import type { Instant } from "../../../core/principal.ts";
import type { Requirement } from "../../../core/requirement.ts";
import { afterEvent, type Ledger } from "./ledger.ts";

/** What is explored; a patched copy of it has to be found out. */
export type Core = { open: typeof open; step: typeof step; wakeAt: typeof wakeAt };

/** Everything around the deliberation: the executions table, the directory, and the explorer's own books. */
export type Around = {
  /** The attempt that may still come to a claim or to a report. */
  outstanding: number | null;
  executeBy: Instant;
  /** The attempt that has claimed. */
  claim: number | null;
  anaHasLeft: boolean;
  anaIsOff: boolean;
  /** What the policy said last, and how often a gate has sent the request back. */
  policy: Requirement | null;
  rounds: number;
  /** Who has flagged with a hold. */
  flaggers: readonly string[];
  ledger: Ledger;
};

export type Position = { state: Deliberation; now: Instant; around: Around; from: Position | null; by: string };

/** One thing that can happen at a position. A claim, a departure and a sleep are no events of the deliberation. */
export type Occurrence =
  | { kind: "event"; event: DeliberationEvent; now: Instant; lost?: boolean }
  | { kind: "claim" }
  | { kind: "directory"; change: { anaHasLeft: true } | { anaIsOff: true } }
  | { kind: "sleep"; now: Instant };

export type Transition = { before: Position; occurrence: Occurrence; result: Step; after: Position };

export function happens(core: Core, before: Position, name: string, occurrence: Occurrence): Transition {
  const { state, around } = before;
  const next = (now: Instant, moved: Around, result: Step): Transition => {
    const after = { state: result.state, now, around: moved, from: before, by: name };
    return { before, occurrence, result, after };
  };
  const still: Step = { state, answer: null, effects: [], happened: [] };
  switch (occurrence.kind) {
    case "claim":
      return next(before.now, { ...around, claim: around.outstanding }, still);
    case "directory":
      return next(before.now, { ...around, ...occurrence.change }, still);
    case "sleep":
      return next(occurrence.now, around, still);
    case "event": {
      const result = core.step(state, occurrence.event, occurrence.now);
      return next(occurrence.now, surrounding(before, occurrence.event, result), result);
    }
  }
}

/** What an event does to the surroundings, by what core asked for and answered. */
function surrounding({ state, around }: Position, event: DeliberationEvent, result: Step): Around {
  const ledger = afterEvent(around.ledger, state, event, result);
  if (result.state === state && result.effects.length === 0) return around;
  return {
    ...around,
    ...attemptAfter(around, event, result.effects),
    ...policyAfter(around, state, event, result),
    ledger,
  };
}

type Running = Pick<Around, "outstanding" | "executeBy">;
function attemptAfter({ outstanding, executeBy }: Around, event: DeliberationEvent, effects: Effect[]): Running {
  const over =
    ((event.kind === "executed" || event.kind === "gateRefused") && event.attempt === outstanding) ||
    (event.kind === "settled" && event.settlement.won);
  const start = effects.find((effect) => effect.kind === "start");
  if (start) return { outstanding: start.attempt, executeBy: start.executeBy };
  return { outstanding: over ? null : outstanding, executeBy };
}

type Judged = Pick<Around, "policy" | "rounds" | "flaggers">;
function policyAfter(
  { policy, rounds, flaggers }: Around,
  before: Deliberation,
  event: DeliberationEvent,
  { state }: Step,
): Judged {
  const held = state.phase === "held";
  const flag = event.kind === "settled" ? before.settling : event;
  const flagged = held && flag !== null && "message" in flag && flag.kind === "flag" ? [flag.message.by] : [];
  const all = flagged.length === 0 ? flaggers : [...new Set([...flaggers, ...flagged])].sort();
  const again = event.kind === "gateRefused" && event.refusal.disposition === "again" && state.phase !== "ended";
  if (!again) return { policy, rounds, flaggers: all };
  const { evaluation } = event.refusal;
  return { policy: evaluation ? evaluation.requirement : policy, rounds: rounds + 1, flaggers: all };
}

/** The way to a position, for people. */
export function wayTo(position: Position): string[] {
  const way: string[] = [];
  for (let at: Position | null = position; at?.from; at = at.from) way.unshift(at.by);
  return way;
}
