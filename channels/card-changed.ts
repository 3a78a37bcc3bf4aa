import type { Requirement } from "../core/requirement.ts";
import { agentLine } from "./agent-text.ts";
import type { CardContext, CardSource, Previous } from "./card.ts";
import { reasonLine } from "./card-banner.ts";
import { groupName, plainLine, type Quoted } from "./line.ts";

/** After a gate sent the request back: what the executor's own check said, and both values of what is different. */
export function changedOf(source: CardSource, context: CardContext): Quoted[] {
  const rounds = source.state?.rounds ?? 0;
  if (rounds === 0 || source.status !== "pending") return [];
  const previous = source.previous ?? null;
  if (previous === null) return [["It had been approved; the executor's own check sent it back before it started."]];
  const why = previous.reasons.flatMap((reason): Quoted[] => {
    const sentence = plainLine(reasonLine(reason, context));
    return [reason.note === null ? [`• ${sentence}`] : [`• ${sentence} `, agentLine(reason.note, CHARS).text]];
  });
  const lines: Quoted[] = [
    ["It had been approved; the executor's own check sent it back before it started:"],
    ...why.slice(0, MOST_REASONS),
    ...differences(previous, source),
    ...moreNeeded(previous.evaluation?.requirement ?? null, source.state?.requirement ?? null),
  ];
  return lines.length > MOST_LINES ? [...lines.slice(0, MOST_LINES), ["and more; the details have it all"]] : lines;
}

function differences(previous: Previous, { description }: CardSource): Quoted[] {
  const [then, now] = [previous.description?.preview ?? null, description?.preview ?? null];
  if (then === null || now === null) return [];
  const lines: Quoted[] = [];
  for (const field of now.fields) {
    const before = then.fields.find((one) => one.label === field.label)?.value ?? "nothing";
    if (before !== field.value) lines.push(changedLine(field.label, before, field.value));
  }
  for (const gone of then.fields.filter((field) => !now.fields.some((one) => one.label === field.label))) {
    lines.push(changedLine(gone.label, gone.value, "nothing"));
  }
  for (const warning of now.warnings.filter((one) => !then.warnings.includes(one))) {
    lines.push(["• New warning: ", agentLine(warning, CHARS).text]);
  }
  return lines;
}

function changedLine(label: string, before: string, after: string): Quoted {
  return [`• ${label}: was `, agentLine(before, CHARS).text, ", is now ", agentLine(after, CHARS).text];
}

function moreNeeded(then: Requirement | null, now: Requirement | null): Quoted[] {
  if (then === null || now === null) return [];
  return now.slots.flatMap((slot): Quoted[] => {
    const before = then.slots.find((one) => one.from === slot.from)?.count ?? 0;
    return before === slot.count
      ? []
      : [[`• Needed from ${groupName(slot.from)}: was ${before}, is now ${slot.count}`]];
  });
}

const CHARS = 200;
const MOST_REASONS = 3;
const MOST_LINES = 10;
