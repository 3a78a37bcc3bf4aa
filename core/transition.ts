import type { StandsFor } from "./delegation.ts";
import type {
  Answer,
  Deliberation,
  DeliberationEvent,
  EventKind,
  Flag,
  Happening,
  HappeningType,
  MessageEvent,
  Outcome,
  Review,
  Step,
} from "./deliberation-types.ts";
import { flagOf } from "./eligibility.ts";
import type { Reason } from "./evaluation.ts";
import type { Verb } from "./message.ts";
import { type GroupId, type Instant, isAccount, isPerson, type PersonId, type PrincipalId } from "./principal.ts";
import type { Roster } from "./requirement.ts";

/** One event of its kind; the verbs share one shape. */
export type EventOf<Kind extends EventKind> = Kind extends Verb
  ? MessageEvent
  : Extract<Exclude<DeliberationEvent, MessageEvent>, { kind: Kind }>;

/** One cell of the table: what it does, for docs/LIFECYCLE.md, and how. */
export type Cell<Kind extends EventKind> = {
  does: string;
  run: (state: Deliberation, event: EventOf<Kind>, now: Instant) => Step;
};

/** Every kind of event; a phase that leaves one out does not compile. */
export type PhaseTransitions = { [Kind in EventKind]: Cell<Kind> };

export type Told = { by?: PrincipalId | null; reasons?: Reason[]; data?: Happening["data"] };

export function happening(type: HappeningType, told: Told = {}): Happening {
  return { type, by: told.by ?? null, reasons: told.reasons ?? [], data: told.data ?? {} };
}

export function because(code: string, note: string | null = null): Reason {
  return { code, rule: null, note };
}

export function recorded(code: string): Answer {
  return { recorded: true, code };
}

export function stepTo(
  state: Deliberation,
  happened: Happening[] = [],
  answer: Answer | null = null,
  effects: Step["effects"] = [],
): Step {
  return { state, answer, effects, happened };
}

/** An impossible pair, or a stale event: nothing changes and nothing happened. */
export function ignore(state: Deliberation): Step {
  return stepTo(state);
}

/** A refusal is a value: the sender is told why, the state stays as it was. */
export function refuse(state: Deliberation, { message }: MessageEvent, code: string): Step {
  const told = { by: message.by, reasons: [because(code)], data: { verb: message.verb, messageId: message.id } };
  return stepTo(state, [happening("review.refused", told)], { recorded: false, code });
}

export function refusing(code: string, does: string): { does: string; run: Cell<Verb>["run"] } {
  return { does, run: (state, event) => refuse(state, event, code) };
}

export function ignoring(does: string): { does: string; run: (state: Deliberation) => Step } {
  return { does, run: ignore };
}

/** A message that counts: its id is spent, and everyone's standing is as it came with it. */
export function taken(state: Deliberation, event: MessageEvent): Deliberation {
  const { id, off = [] } = event.message;
  const reviews = withStanding(state, event.roster).filter(({ via }) => via === undefined || !off.includes(via));
  return { ...state, seen: [...state.seen, id], roster: event.roster, reviews };
}

/**
 * Answers by people who are no longer in the directory or in the group count no more. The groups
 * that exclude stay with an answer, because a roster need not list them.
 */
export function withStanding({ reviews, requirement }: Deliberation, roster: Roster): Review[] {
  const groupsOf = (person: PersonId) => roster.find((one) => one.person === person)?.groups ?? null;
  return reviews.map((review) => {
    const groups = groupsOf(review.person);
    const excluding = review.groups.filter((group) => requirement?.excludeGroups.includes(group));
    const standing = { ...review, groups: [...new Set([...(groups ?? []), ...excluding])].sort() };
    if (review.standsFor === undefined) return standing;
    // A place is worth what its holder still has, and nothing once the delegate has left.
    const excludes = requirement?.excludeGroups ?? [];
    const held = (one: StandsFor) => stillHeld(one, groupsOf(one.person), excludes);
    return { ...standing, standsFor: groups === null ? [] : review.standsFor.flatMap(held) };
  });
}

/** Here too the groups that exclude stay, or a place that nobody may take would become free. */
function stillHeld(one: StandsFor, groups: GroupId[] | null, excludes: GroupId[]): StandsFor[] {
  const held = one.groups.filter((group) => groups?.includes(group) || excludes.includes(group));
  return held.some((group) => groups?.includes(group)) ? [{ ...one, groups: held }] : [];
}

/** The newest answer of a person replaces the one before. */
export function withReview(state: Deliberation, { message }: MessageEvent): Deliberation {
  if (!isPerson(message.by) || (message.verb !== "approve" && message.verb !== "deny")) return state;
  const { id: messageId, name, verb, groups, channel, factsDigest, reason, note, signedAt } = message;
  const said = { messageId, person: message.by, name, verb, groups, channel, factsDigest, reason, note, signedAt };
  const { standsFor, via } = message;
  const review: Review = {
    ...said,
    ...(standsFor === undefined ? {} : { standsFor }),
    ...(isAccount(via) ? { via } : {}),
  };
  return { ...state, reviews: [...state.reviews.filter((one) => one.person !== review.person), review] };
}

export function withFlag(state: Deliberation, { message }: MessageEvent, held: boolean, at: Instant): Deliberation {
  const { reason, note } = flagOf(message);
  if (!isPerson(message.by) || reason === null) return state;
  const flag: Flag = { messageId: message.id, by: message.by, name: message.name, reason, note: note ?? "", held, at };
  return { ...state, flags: [...state.flags, flag] };
}

export function flagged({ message }: MessageEvent, held: boolean): Happening {
  const { reason, note } = flagOf(message);
  return happening("review.flagged", { by: message.by, reasons: [because(reason ?? "", note)], data: { held } });
}

/** The follow-up beside an approve or a deny, if there is one. */
export function followedUp(
  state: Deliberation,
  event: MessageEvent,
  at: Instant,
): { state: Deliberation; happened: Happening[] } {
  if (!event.message.flag) return { state, happened: [] };
  return { state: withFlag(state, event, false, at), happened: [flagged(event, false)] };
}

export function ended(state: Deliberation, outcome: Outcome): { state: Deliberation; happened: Happening } {
  const { status, reasons, people, report } = outcome;
  const by = people.length === 1 && !report ? (people[0] ?? null) : null;
  const data = report ? { attempt: state.attempt, code: report.code } : {};
  return {
    state: { ...state, phase: "ended", hold: null, outcome },
    happened: happening(`request.${status}`, { by, reasons, data }),
  };
}

export function isMessage(event: DeliberationEvent): event is MessageEvent {
  return "message" in event;
}
