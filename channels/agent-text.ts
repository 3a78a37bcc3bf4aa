import { LIMITS } from "../core/limits.ts";
import { literal, literalBlock } from "../privacy/literal.ts";
import { redactText } from "../privacy/redact-text.ts";
import type { AgentText } from "./line.ts";

/** What is shown of a text, and whether that is all of it, to the letter. */
export type Shown = { text: AgentText; whole: boolean };

/** Without secrets, nothing hidden, bounded as chats count it, on one line. */
export function agentLine(text: string, maxChars: number): Shown {
  const masked = redactText(text);
  return cut(literal(masked, LIMITS.argumentsBytes), text, maxChars);
}

/** The same over several lines. */
export function agentBlock(text: string, maxChars: number): Shown {
  const masked = redactText(text);
  return cut(literalBlock(masked, LIMITS.argumentsBytes), text, maxChars);
}

function cut(safe: string, original: string, maxChars: number): Shown {
  const text = fitEscaped(safe, maxChars);
  return { text: { agent: text }, whole: text === original };
}

/** How long a text is after `& < >` have become entities, which is how chats count. */
export function escapedLength(text: string): number {
  let length = text.length;
  for (const character of text) {
    if (character === "&") length += 4;
    else if (character === "<" || character === ">") length += 3;
  }
  return length;
}

/** As much of a text as fits after escaping, with a mark where something is left out. */
export function fitEscaped(text: string, maxChars: number): string {
  if (text.length <= maxChars && escapedLength(text) <= maxChars) return text;
  let shown = "";
  let length = 0;
  for (const character of text) {
    length += escapedLength(character);
    if (length + CUT.length > maxChars) break;
    shown += character;
  }
  return `${shown}${CUT}`;
}

const CUT = "…";
