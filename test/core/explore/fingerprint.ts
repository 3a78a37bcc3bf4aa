import type { Deliberation, DeliberationEvent, Review } from "../../../core/deliberation-types.ts";
import { CONTRACTORS, RELEVANT } from "./company.ts";
import type { Position } from "./position.ts";

/** The groups a slot or an exclusion can ask about. */
const MATTERING: readonly string[] = [...RELEVANT, CONTRACTORS];

/**
 * What makes two positions the same state. Left out is what no decision of `step` can depend on: names, notes,
 * ids of messages and instants of signing that have already been judged, and the order of reviews and flags, of
 * which a law of its own says that it changes nothing.
 */
export function positionText({ state, now, around }: Position): string {
  const { outstanding, claim, anaHasLeft, anaIsOff, rounds, flaggers } = around;
  return `${now}|${outstanding}${claim}${anaHasLeft}${anaIsOff}${rounds}${flaggers}|${stateText(state)}`;
}

export function stateText(state: Deliberation): string {
  const { phase, attempt, executeBy, deadlineAt, hold, claimSeen, rounds, factsDigest, outcome, widened } = state;
  const reviews = state.reviews.map(reviewText).sort().join(";");
  const holders = state.flags.map((flag) => (flag.held ? flag.by : "")).sort();
  const held = hold === null ? "" : `${hold.by}${hold.expiresAt}+${hold.remainingMs}`;
  const asked = state.requirement === null ? "" : requirementText(state);
  const ended = outcome === null ? "" : `${outcome.status}${outcome.decidedBy}${outcome.reasons[0]?.code}`;
  return `${phase}${attempt}${executeBy},${deadlineAt},${held},${claimSeen}${rounds}${factsDigest}${ended}|${asked}|${widened.join("/")}|${settlingText(state.settling)}|${state.roster.length}|${holders}|${reviews}|${state.seen.length > 0}`;
}

function requirementText({ requirement }: Deliberation): string {
  if (requirement === null) return "";
  return `${requirement.timeoutSeconds}${requirement.slots.map((slot) => `${slot.from}${slot.count}`).join()}`;
}

function settlingText(event: DeliberationEvent | null): string {
  if (event === null) return "";
  return "message" in event
    ? `${event.kind}${event.message.by}${event.message.off ?? ""}${event.roster.length}`
    : event.kind;
}

function reviewText({ person, verb, groups, standsFor, via, channel, factsDigest }: Review): string {
  const places = standsFor === undefined ? "" : standsFor.map((one) => `${one.person}:${one.groups}`).join();
  const own = groups.filter((group) => MATTERING.includes(group)).sort();
  return `${person}${verb}${own}<${places}>${via ?? ""}${channel}${factsDigest}`;
}

/** 53 bits of a text: among a million states the chance that any two are taken for one is below 1 in 10,000. */
export function hashOf(text: string): number {
  let one = 0xdeadbeef;
  let two = 0x41c6ce57;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    one = Math.imul(one ^ code, 2654435761);
    two = Math.imul(two ^ code, 1597334677);
  }
  one = Math.imul(one ^ (one >>> 16), 2246822507) ^ Math.imul(two ^ (two >>> 13), 3266489909);
  two = Math.imul(two ^ (two >>> 16), 2246822507) ^ Math.imul(one ^ (one >>> 13), 3266489909);
  return 4294967296 * (2097151 & two) + (one >>> 0);
}
