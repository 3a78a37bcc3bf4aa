import type { Happening } from "../core/deliberation-types.ts";
import type { AccountId, Instant, PrincipalId } from "../core/principal.ts";
import { agentBlock } from "./agent-text.ts";
import type { CardContext, CardSource } from "./card.ts";
import { nameOf } from "./card-banner.ts";
import { missingPeople } from "./card-standing.ts";
import { type AgentText, groupName, type Line, listed, named, plainLine, utc } from "./line.ts";

/** An audit event, as far as a line of the timeline needs it (db/types.ts `AuditEvent` is one). */
export type TimelineEvent = {
  at: Instant;
  type: string;
  by: PrincipalId | null;
  reasons: Happening["reasons"];
  data: Happening["data"];
};

/** One thing that happened, in words; `note`: what somebody wrote about it. */
export type TimelineLine = { at: Instant; line: Line; note: AgentText | null };

/** The whole history, oldest first: what the details show. */
export function timelineOf(events: TimelineEvent[], source: CardSource, context: CardContext): TimelineLine[] {
  return saidOnce(events).map((event) => lineOf(event, source, context));
}

/** What the thread of a message tells of it; reminders name those who are missing, and nobody else. */
export function threadLines(events: TimelineEvent[], source: CardSource, context: CardContext): TimelineLine[] {
  return saidOnce(events)
    .filter((event) => TOLD.has(event.type))
    .map((event) => {
      const told = lineOf(event, source, context);
      return event.type === "request.reminded" ? { ...told, line: [...told.line, ...reminded(source, context)] } : told;
    });
}

/** An end, or a new question, that follows from the line before it does not say the same reason again. */
function saidOnce(events: TimelineEvent[]): TimelineEvent[] {
  return events.map((event, index) => {
    const before = JSON.stringify(events[index - 1]?.reasons ?? []);
    return before === JSON.stringify(event.reasons) ? { ...event, reasons: [] } : event;
  });
}

function lineOf(event: TimelineEvent, source: CardSource, context: CardContext): TimelineLine {
  const words = WORDS[event.type] ?? { own: event.type, by: null };
  const who = event.by === null || words.by === null ? null : nameOf(event.by, source, context);
  const code = event.reasons[0]?.code ?? null;
  const why = code === null || UNSAID.has(code) ? "" : ` (${named(code)})`;
  const more = dataOf(event);
  const line: Line = [who === null ? words.own : `${who} ${words.by}`, ...more, why];
  const noted = event.reasons.find((reason) => reason.note !== null && reason.note.trim() !== "");
  return { at: event.at, line, note: noted ? agentBlock(noted.note ?? "", NOTE_CHARS).text : null };
}

function dataOf({ type, data }: TimelineEvent): Line {
  if (type === "request.escalated" && typeof data.to === "string") return [`: ${groupName(data.to)}`];
  if (type === "request.pending" || type === "request.reminded") {
    const missing = missingGroups(data.missing);
    const deadline = type === "request.pending" && typeof data.deadlineAt === "number" ? data.deadlineAt : null;
    const groups = missing === "" ? "" : `: ${missing}`;
    return deadline === null ? [groups] : [`${groups}, until `, { at: deadline }];
  }
  return [];
}

function missingGroups(missing: unknown): string {
  if (!Array.isArray(missing)) return "";
  const groups = missing.flatMap((one: unknown) => {
    const { from, missing: count } = (one ?? {}) as { from?: unknown; missing?: unknown };
    return typeof from === "string" && typeof count === "number" ? [`${count} of ${groupName(from)}`] : [];
  });
  return listed(groups, MOST_GROUPS);
}

function reminded(source: CardSource, context: CardContext): Line {
  const people = missingPeople(source.state).slice(0, MOST_PEOPLE);
  return people.flatMap((person, index): Line => {
    const name = named(context.nameOf(person));
    const account: AccountId | null = context.accountOf(person);
    const before = index === 0 ? " — " : ", ";
    return [before, account === null ? name : { mention: account, name }];
  });
}

/** The moment in front of a line, for a list. */
export function dated({ at, line }: TimelineLine): string {
  return `${utc(at)}  ${plainLine(line)}`;
}

/** `own` when nobody in particular did it, else somebody and `by`; no `by` where a line before it has named them. */
const WORDS: Record<string, { own: string; by: string | null }> = {
  "request.submitted": { own: "It was asked", by: "asked" },
  "request.evaluated": { own: "The policy answered", by: null },
  "request.pending": { own: "People were asked", by: null },
  "review.approved": { own: "Approved", by: "approved" },
  "review.denied": { own: "Denied", by: "denied" },
  "review.flagged": { own: "Flagged", by: "flagged it" },
  "review.refused": { own: "An answer did not count", by: "tried to answer, and it did not count" },
  "request.held": { own: "Held for auditors", by: null },
  "request.released": { own: "The hold was released", by: "released the hold" },
  "request.extended": { own: "The deadline was moved", by: "moved the deadline" },
  "request.reminded": { own: "Reminder: still missing", by: null },
  "request.escalated": { own: "More people may answer", by: null },
  "request.starting": { own: "Everyone needed has approved; it is starting", by: null },
  "request.settled": { own: "It was settled whether it had started", by: null },
  "request.stopping": { own: "It was asked to stop", by: "asked it to stop" },
  "gate.refused": { own: "The executor's own check sent it back", by: null },
  "request.denied": { own: "Ended: denied. It did not run", by: null },
  "request.expired": { own: "Ended: expired. It did not run", by: null },
  "request.withdrawn": { own: "Ended: withdrawn. It did not run", by: "withdrew it. It did not run" },
  "request.succeeded": { own: "Ended: succeeded", by: null },
  "request.failed": { own: "Ended: failed", by: null },
  "request.unknown": { own: "Ended: nobody knows how", by: null },
  "execution.claimed": { own: "The executor claimed the one start", by: null },
  "execution.succeeded": { own: "The executor finished it", by: null },
  "execution.failed": { own: "The executor reported a failure", by: null },
  "execution.unknown": { own: "The executor could not say how it ended", by: null },
  "execution.resolved": { own: "An operator recorded how it ended", by: "recorded how it ended" },
};

const TOLD: ReadonlySet<string> = new Set([
  "request.submitted",
  "request.pending",
  "review.approved",
  "review.denied",
  "review.flagged",
  "request.released",
  "request.extended",
  "request.reminded",
  "request.escalated",
  "request.starting",
  "request.stopping",
  "gate.refused",
  "request.denied",
  "request.expired",
  "request.withdrawn",
  "request.succeeded",
  "request.failed",
  "request.unknown",
  "execution.resolved",
]);

/** Codes that only repeat the line. */
const UNSAID: ReadonlySet<string> = new Set([
  "REVIEW_APPROVED",
  "REVIEW_REQUIREMENT_MET",
  "REVIEW_RELEASED",
  "REVIEW_EXTENDED",
  "REVIEW_STOPPED",
  "TIME_REMINDED",
  "EXEC_SUCCEEDED",
]);

const NOTE_CHARS = 400;
const MOST_GROUPS = 4;
const MOST_PEOPLE = 10;
