import type { Outcome } from "../core/deliberation-types.ts";
import type { Reason } from "../core/evaluation.ts";
import { isPerson, type PrincipalId } from "../core/principal.ts";
import { agentBlock } from "./agent-text.ts";
import type { CardContext, CardSource, Note } from "./card.ts";
import { countsOf } from "./card-standing.ts";
import { duration, type Line, listed, named } from "./line.ts";
import { statusWords } from "./status-words.ts";

/** What the state is and why, in policy words; the first line says the state. */
export function bannerOf(source: CardSource, context: CardContext): Line[] {
  // Several rules may give the same reason; it is said once, and the rules stand in a field of their own.
  const reasons = reasonsOf(source)
    .filter(({ code }, index, all) => !SAID_BY_STATE.has(code) && all.findIndex((one) => one.code === code) === index)
    .map((reason) => reasonLine(reason, context));
  return [[stateLine(source, context)], ...reasons.slice(0, MOST_REASONS)];
}

function stateLine(source: CardSource, context: CardContext): string {
  const { status, state, outcome } = source;
  const { state: word, means } = statusWords(status);
  const { filled, needed } = countsOf(state);
  const who = by(outcome, source, context);
  switch (status) {
    case "pending": {
      const again = (state?.rounds ?? 0) > 0 ? "Waiting for approval again." : word;
      return filled > 0 ? `Partly approved: ${filled} of ${needed}. ${means}` : `${again} ${means}`;
    }
    case "held":
      return `${heldBy(source)} ${means}`;
    case "starting":
    case "running":
      return `${word} ${unasked(state)}${means}`;
    case "succeeded":
      return resolved(source, context) ?? `Succeeded${took(source, "in")}. ${unasked(state)}${means}`;
    case "failed": {
      const how = state?.requirement === null ? "Allowed, but it failed" : "Approved, but it failed";
      return resolved(source, context) ?? `${how}${took(source, "after")}. May have taken effect: ${effect(source)}.`;
    }
    case "denied":
    case "withdrawn":
      return `${who === null ? word : `${word.slice(0, -1)} by ${who}.`} ${means}`;
    case "expired":
      return needed === 0 ? `${word} ${means}` : `Expired with ${filled} of ${needed} approvals. ${means}`;
    case "evaluating":
    case "unknown":
      return `${word} ${means}`;
    default:
      return status satisfies never;
  }
}

function unasked(state: CardSource["state"]): string {
  return state !== null && state.requirement === null ? "The policy asked nobody. " : "";
}

function resolved({ status, resolution }: CardSource, context: CardContext): string | null {
  if (!resolution) return null;
  return `Recorded as ${status} by ${named(context.nameOf(resolution.by))}, an operator.`;
}

function heldBy({ state }: CardSource): string {
  const flag = state?.flags.filter((one) => one.held).at(-1);
  return flag ? `Held: ${named(flag.name)} flagged it.` : "Held.";
}

/** "in 12 s", "after 12 s". */
function took({ report, outcome }: CardSource, how: "in" | "after"): string {
  const known = report ?? outcome?.report ?? null;
  if (known === null || known.startedAt === null || known.endedAt === null) return "";
  return ` ${how} ${duration(known.endedAt - known.startedAt)}`;
}

/** What the executor can vouch for: a start that never was, or a result that was thrown away. */
function effect({ report, outcome }: CardSource): "no" | "unknown" {
  const known = report ?? outcome?.report ?? null;
  return known?.startedAt === null || known?.code === "EXEC_ROW_LIMIT" ? "no" : "unknown";
}

function by(outcome: Outcome | null, source: CardSource, context: CardContext): string | null {
  if (outcome === null) return null;
  if (outcome.people.length > 0)
    return listed(
      outcome.people.map((id) => nameOf(id, source, context)),
      MOST_PEOPLE,
    );
  switch (outcome.decidedBy) {
    case "policy":
      return "the policy";
    case "gate":
      return "the executor's own check";
    case "operator":
      return "an operator";
    default:
      return null;
  }
}

/** A name as the directory has it; one that left it keeps the name that was recorded. */
export function nameOf(id: PrincipalId, source: CardSource, context: CardContext): string {
  const name = context.nameOf(id);
  if (name !== id) return named(name);
  if (id === source.submission.requester) return named(source.names.requester);
  if (isPerson(id) && id === source.state?.parties.owner) return named(source.names.owner ?? id);
  return named(source.state?.reviews.find((one) => one.person === id)?.name ?? id);
}

/** Reasons of the state that is shown: of the end, of the hold, or why it was stopped. */
function reasonsOf({ status, state, outcome, evaluation }: CardSource): Reason[] {
  const asked = state?.reasons ?? evaluation?.reasons ?? [];
  switch (status) {
    case "evaluating":
      return [];
    case "pending":
    case "starting":
    case "running":
      return asked;
    case "held": {
      const held = (state?.flags ?? []).filter((one) => one.held);
      return held.map((flag) => ({ code: flag.reason, rule: null, note: flag.note }));
    }
    default:
      return outcome?.reasons ?? [];
  }
}

export function reasonLine(reason: Reason, context: CardContext): Line {
  const code = named(reason.code);
  const sentence = named200(context.sentenceOf(reason.code));
  return [sentence === code ? code : `${sentence} (${code})`];
}

/** What people, rules and the executor wrote beside their reasons, each with who wrote it. */
export function notesOf(source: CardSource, context: CardContext): Note[] {
  const { state, outcome, resolution } = source;
  const notes: Note[] = [];
  const add = (who: string, note: string | null) => {
    if (note !== null && note.trim() !== "") notes.push({ by: who, text: agentBlock(note, NOTE_CHARS).text });
  };
  for (const flag of state?.flags ?? []) add(`${named(flag.name)}, who flagged it`, flag.note);
  for (const review of state?.reviews ?? []) if (review.verb === "approve") add(named(review.name), review.note);
  const ended = source.status !== "pending" && source.status !== "held";
  if (ended) {
    const who = by(outcome, source, context) ?? "Why";
    for (const reason of outcome?.reasons ?? []) add(outcome?.report ? "The executor" : who, reason.note);
    if (resolution) add(named(context.nameOf(resolution.by)), resolution.note);
  } else {
    for (const reason of state?.reasons ?? [])
      add(reason.rule === null ? "Why" : `Rule ${named(reason.rule)}`, reason.note);
  }
  return notes.slice(-MOST_NOTES);
}

function named200(sentence: string): string {
  return sentence.length <= 200 ? sentence : `${sentence.slice(0, 199)}…`;
}

/** Codes that would only repeat the state. */
const SAID_BY_STATE: ReadonlySet<string> = new Set(["EXEC_SUCCEEDED", "EXEC_FAILED", "EXEC_UNKNOWN"]);

const MOST_REASONS = 5;
const MOST_PEOPLE = 5;
const MOST_NOTES = 4;
const NOTE_CHARS = 400;
