import type { ApproveBy, Card, CardContext, CardSource } from "./card.ts";
import { bannerOf, nameOf, notesOf } from "./card-banner.ts";
import { changedOf } from "./card-changed.ts";
import { CARD_ROOM, contentOf, type Room } from "./card-content.ts";
import { ifNothingLine, needsLine, standingLines } from "./card-standing.ts";
import { groupName, type Line, listed, named } from "./line.ts";
import { isOver, statusWords } from "./status-words.ts";

/**
 * What one place shows of one request now. A card answers by itself: is this safe, who else must answer, and
 * what happens if nobody does anything. `room` is what the place has; the details of a request have more.
 */
export function cardOf(source: CardSource, context: CardContext, room: Room = CARD_ROOM): Card {
  const { submission, state, status } = source;
  const { content, full, exact } = contentOf(source, room);
  return {
    version: 1,
    requestId: source.id,
    digest: submission.digest,
    factsDigest: state?.factsDigest ?? source.evaluation?.factsDigest ?? null,
    revision: source.revision,
    status,
    ...content,
    ending: endingOf(source),
    notification: notificationOf(source, context),
    banner: bannerOf(source, context),
    fields: fieldsOf(source, context),
    changed: changedOf(source, context),
    notes: notesOf(source, context),
    standing: standingLines(source, context),
    ifNothing: ifNothingLine(source),
    because: becauseOf(context),
    complete: full,
    approve: status === "pending" ? approveBy(source, context, exact) : null,
    offers: offersOf(source, context),
    pageUrl: `${context.publicUrl}/requests/${source.id}`,
    environment: named(source.environment),
  };
}

function endingOf({ status, state }: CardSource): string {
  const { ending } = statusWords(status);
  return status === "pending" && (state?.rounds ?? 0) > 0 ? `${ending} again` : ending;
}

/** Without anything an agent could have chosen: this is what a locked phone shows to whoever passes by. */
function notificationOf(source: CardSource, context: CardContext): string {
  const { action, requester } = source.submission;
  const type = /^[a-z][a-z0-9_.-]{0,60}$/.test(action.type) ? action.type : "an action";
  const who = nameOf(requester, source, context);
  const ending = endingOf(source);
  const said = ending.charAt(0).toUpperCase() + ending.slice(1);
  return `${said}: ${who} asked for ${type} in ${named(source.environment)}`;
}

function fieldsOf(source: CardSource, context: CardContext): Card["fields"] {
  const { submission, state, evaluation } = source;
  const { onBehalfOf, requester } = submission;
  const reasons = state?.reasons ?? evaluation?.reasons ?? [];
  const rules = [...new Set(reasons.flatMap((reason) => (reason.rule === null ? [] : [named(reason.rule)])))];
  const until = untilOf(source);
  const fields: Card["fields"] = [
    { label: "Agent", value: [nameOf(requester, source, context)] },
    { label: "For", value: [onBehalfOf === null ? "nobody named" : nameOf(onBehalfOf, source, context)] },
    { label: "Environment", value: [named(source.environment)] },
    { label: isOver(source.status) ? "Approvals" : "Needs", value: [needsLine(state)] },
    ...(until === null ? [] : [until]),
    { label: rules.length > 1 ? "Rules" : "Rule", value: [rules.length === 0 ? "none" : listed(rules, MOST_RULES)] },
  ];
  return fields;
}

function untilOf({ status, state }: CardSource): { label: string; value: Line } | null {
  if (state === null) return null;
  if (status === "pending" && state.deadlineAt !== null)
    return { label: "Decide by", value: [{ at: state.deadlineAt }] };
  if (status === "held" && state.hold !== null) return { label: "Held until", value: [{ at: state.hold.expiresAt }] };
  if (status === "starting" && state.executeBy !== null) return { label: "Start by", value: [{ at: state.executeBy }] };
  return null;
}

function becauseOf({ because }: CardContext): string {
  if (because.length === 0) return "You see this because every request is shown here";
  const groups = listed(because.map(groupName), MOST_GROUPS);
  return `You see this because ${groups} ${because.length > 1 ? "are" : "is"} asked here`;
}

/** May an answer count that is given in this place? */
export function decidesHere({ state }: CardSource, { channel, allowDecisions }: CardContext): boolean {
  return allowDecisions && (state?.requirement?.channels.includes(channel) ?? true);
}

/** No one click where the card could not show everything; the vendor's own question where much is at stake. */
function approveBy(source: CardSource, context: CardContext, exact: boolean): ApproveBy {
  if (!decidesHere(source, context)) return "page";
  if (!exact) return "details";
  const preview = source.description?.preview ?? null;
  if (preview === null || preview.warnings.length > 0) return "confirm";
  return source.environment === "production" || hasLabels(source) ? "confirm" : "click";
}

function hasLabels({ description }: CardSource): boolean {
  const data = description?.facts.data;
  if (typeof data !== "object" || data === null || Array.isArray(data)) return false;
  return Array.isArray(data.labels) && data.labels.length > 0;
}

function offersOf(source: CardSource, context: CardContext): Card["offers"] {
  const here = decidesHere(source, context);
  const asked = here && source.status === "pending";
  const going = source.status === "starting" || source.status === "running";
  // Whoever may withdraw may stop, whatever channels the policy takes answers through.
  return { deny: asked, flag: asked, stop: going && context.allowDecisions, details: source.status !== "evaluating" };
}

const MOST_RULES = 3;
const MOST_GROUPS = 3;
