import { literal, literalBlock } from "../privacy/literal.ts";
import { redactText } from "../privacy/redact-text.ts";
import type { AgentText } from "./line.ts";

/** What is shown of a text: `full` when nothing is masked or left out, `exact` when it is so to the letter. */
export type Shown = { text: AgentText; full: boolean; exact: boolean };

/** Without secrets, nothing hidden, bounded as chats count it, on one line. */
export function agentLine(text: string, maxChars: number): Shown {
  return shownOf(text, literal, maxChars);
}

/** The same over several lines. */
export function agentBlock(text: string, maxChars: number): Shown {
  return shownOf(text, literalBlock, maxChars);
}

function shownOf(text: string, asLiteral: typeof literal, maxChars: number): Shown {
  const masked = redactText(text);
  // Each character is shown as one or more, so what is far behind the cut need not be looked at.
  const near = masked.slice(0, maxChars + CUT.length + 1);
  const safe = asLiteral(near, near.length * MOST_PER_CHARACTER);
  const fitted = fitEscaped(safe, maxChars);
  return {
    text: { agent: fitted },
    full: masked === text && near === masked && fitted === safe,
    exact: fitted === text,
  };
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
/** The longest escape, `\u{10ffff}`. */
const MOST_PER_CHARACTER = 11;
