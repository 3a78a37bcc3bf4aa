import type { Deliberation, Review } from "../core/deliberation-types.ts";
import { excludedPeople } from "../core/eligibility.ts";
import { standingOf } from "../core/escalation.ts";
import type { ChannelName } from "../core/message.ts";
import type { PersonId } from "../core/principal.ts";
import { fits, type SlotStanding } from "../core/quorum.ts";
import type { Requirement } from "../core/requirement.ts";
import type { CardContext, CardSource } from "./card.ts";
import { groupName, type Line, listed, named } from "./line.ts";

/** How many approvals there are of how many; nulls when nobody has to answer. */
export function countsOf(state: Deliberation | null): { filled: number; needed: number; missing: SlotStanding[] } {
  const slots = state === null ? [] : standingOf(state);
  const needed = slots.reduce((sum, slot) => sum + slot.count, 0);
  const missing = slots.reduce((sum, slot) => sum + slot.missing, 0);
  return { filled: needed - missing, needed, missing: slots.filter((slot) => slot.missing > 0) };
}

/** "1 of 2 · data-owners missing": once somebody has approved, the groups named are those that have not. */
export function needsLine(state: Deliberation | null): string {
  if (state?.requirement == null) return "nobody's approval";
  const { filled, needed, missing } = countsOf(state);
  const groups = (missing.length > 0 ? missing : standingOf(state)).map((slot) => groupName(slot.from));
  const some = filled > 0 && missing.length > 0 ? " missing" : "";
  return `${filled} of ${needed} · ${listed([...new Set(groups)], MOST_GROUPS)}${some}`;
}

/** Who has answered, for whom, through what; and who could still answer. */
export function standingLines(source: CardSource, context: CardContext): Line[] {
  const { state } = source;
  if (state?.requirement == null) return [];
  const { requirement } = state;
  const lines: Line[] = [];
  for (const slot of standingOf(state)) {
    for (const person of slot.filledBy) {
      const review = state.reviews.find((one) => one.person === person);
      if (review) lines.push(approvedLine(review, state, requirement, slot));
    }
  }
  const open = source.status === "pending" || source.status === "held";
  const { needed, missing } = countsOf(state);
  if (open) for (const slot of missing) lines.push(missingLine(slot, state, context));
  // Whoever is in two of the groups would otherwise seem to be enough.
  if (open && needed > 1) lines.push([`It takes ${needed} different people.`]);
  return lines.length > MOST_LINES ? [...lines.slice(0, MOST_LINES), ["and more, on the request page"]] : lines;
}

function approvedLine(review: Review, state: Deliberation, requirement: Requirement, slot: SlotStanding): Line {
  const own = fits(requirement, state.widened, slot.slot, review.groups);
  const absent = own
    ? undefined
    : review.standsFor?.find((one) => fits(requirement, state.widened, slot.slot, one.groups));
  const how = [` via ${CHANNEL_NAMES[review.channel]}, `, { at: review.signedAt }];
  const who = `✓ ${named(review.name)} (${groupName(slot.from)})`;
  if (absent === undefined) return [`${who} approved`, ...how];
  return [`${who} approved for ${named(absent.name)}, who is away until `, { at: absent.until }, ",", ...how];
}

function missingLine(slot: SlotStanding, state: Deliberation, context: CardContext): Line {
  const groups = [slot.from, ...(state.widened[slot.slot] ?? [])].map(groupName);
  const people = candidates(slot, state).map((person) => candidateName(person, state, context));
  const who = people.length > 0 ? `: ${listed(people, MOST_PEOPLE, "or")}` : "";
  return [`• Missing: ${slot.missing} of ${listed(groups, MOST_GROUPS, "or")}${who}`];
}

/** With whoever answers for them while they are away; nobody who is tied to the request does. */
function candidateName(person: PersonId, state: Deliberation, { nameOf, standInOf }: CardContext): string {
  const standIn = standInOf(person);
  const own = named(nameOf(person));
  if (standIn === null || excludedPeople(state.parties).includes(standIn)) return own;
  return `${own} (away: ${named(nameOf(standIn))} may answer)`;
}

/** People who could answer this minute, fill some open slot, and have not approved. */
export function missingPeople(state: Deliberation | null): PersonId[] {
  if (state === null) return [];
  return [...new Set(countsOf(state).missing.flatMap((slot) => candidates(slot, state)))];
}

function candidates(slot: SlotStanding, state: Deliberation): PersonId[] {
  const { requirement, reviews, parties, roster, widened } = state;
  if (requirement === null) return [];
  const tied = excludedPeople(parties);
  const answered = reviews.filter((one) => one.verb === "approve").map((one) => one.person);
  return roster
    .filter(({ person, groups }) => {
      const kept = tied.includes(person) || groups.some((group) => requirement.excludeGroups.includes(group));
      return !kept && !answered.includes(person) && fits(requirement, widened, slot.slot, groups);
    })
    .map((one) => one.person);
}

/** What happens when nobody does anything, and until when. */
export function ifNothingLine({ status, state }: CardSource): Line | null {
  if (state === null) return null;
  switch (status) {
    case "pending":
      if (state.deadlineAt === null) return null;
      return [
        "If nobody does anything, it expires ",
        { at: state.deadlineAt },
        ", and the action does not run.",
        ...widening(state),
      ];
    case "held":
      if (state.hold === null) return null;
      return [
        "If no auditor does anything, it expires ",
        { at: state.hold.expiresAt },
        ", and the action does not run.",
      ];
    case "starting":
      if (state.executeBy === null) return null;
      return ["If it has not started by ", { at: state.executeBy }, ", it expires, and the action does not run."];
    case "running":
      return ["If nobody does anything, it runs to its end."];
    default:
      return null;
  }
}

/** The next group that time brings in. */
function widening(state: Deliberation): Line {
  const { requirement, deadlineAt, openedAt, widened } = state;
  const steps = countsOf(state).missing.flatMap(({ slot }) =>
    (requirement?.slots[slot]?.escalate ?? [])
      .filter((step) => !(widened[slot] ?? []).includes(step.to))
      .map((step) => ({ to: step.to, at: openedAt + step.afterSeconds * 1000 })),
  );
  const next = steps.sort((a, b) => a.at - b.at)[0];
  if (next === undefined || (deadlineAt !== null && next.at >= deadlineAt)) return [];
  return [" From ", { at: next.at }, ` on, ${groupName(next.to)} may answer too.`];
}

const CHANNEL_NAMES: Record<ChannelName, string> = { slack: "Slack", page: "the request page", api: "the API" };
const MOST_GROUPS = 4;
const MOST_PEOPLE = 5;
const MOST_LINES = 12;
