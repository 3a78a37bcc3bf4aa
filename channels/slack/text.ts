import { escapedLength, fitEscaped } from "../agent-text.ts";
import { type AgentText, type Line, plainLine, type Quoted, utc } from "../line.ts";
import type { Block, Mrkdwn, PlainText, RichTextElement, Style } from "./blocks.ts";
import { SLACK_LIMITS } from "./limits.ts";

/** Plain text is shown as it is: no markup, no mention, no emoji made of colons. */
export function plain(text: string, maxChars: number): PlainText {
  return { type: "plain_text", text: fitEscaped(text, maxChars) || NOTHING, emoji: false };
}

/** Our own lines as mrkdwn, one below the other; what does not fit is left out from the end, marked. */
export function mrkdwn(
  lines: Line[],
  style: Style,
  { boldFirst = false, maxChars = SLACK_LIMITS.sectionText as number } = {},
): Mrkdwn {
  const drawn: string[] = [];
  let left = maxChars - MORE.length - 1;
  for (const [index, line] of lines.entries()) {
    const text = lineText(line, style);
    const shown = boldFirst && index === 0 ? `*${text}*` : text;
    left -= shown.length + 1;
    if (left < 0) {
      drawn.push(MORE);
      break;
    }
    drawn.push(shown);
  }
  return { type: "mrkdwn", text: drawn.join("\n") || NOTHING, verbatim: true };
}

/** A label over its value, as the cell of a table. */
export function field(label: string, value: Line, style: Style): Mrkdwn {
  return { type: "mrkdwn", text: `*${escaped(label)}*\n${lineText(value, style)}`, verbatim: true };
}

function lineText(line: Line, style: Style): string {
  return line
    .map((part) => {
      if (typeof part === "string") return escaped(part);
      if ("at" in part) return style === "classic" ? localTime(part.at) : utc(part.at);
      const user = /^slack:[A-Z0-9]+\/([UW][A-Z0-9]+)$/.exec(part.mention)?.[1];
      return user === undefined ? escaped(part.name) : `<@${user}>`;
    })
    .join("");
}

/** Each reader sees it in their own time zone. */
function localTime(at: number): string {
  return `<!date^${Math.floor(at / 1_000)}^{date_short_pretty} at {time}|${utc(at)}>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** A heading of ours and, below it, what somebody else wrote, as a literal block or a quotation. */
export function foreign(heading: string, text: AgentText, as: "preformatted" | "quote", style: Style): Block {
  return foreignParts([{ heading, text }], as, style);
}

/** The same several times in one block. Where nothing else sets the text apart, every line of it is marked. */
export function foreignParts(
  parts: { heading: string; text: AgentText }[],
  as: "preformatted" | "quote",
  style: Style,
): Block {
  if (style === "plain") {
    const text = parts.map((part) => `${part.heading}\n${barred(part.text.agent || NOTHING)}`).join("\n");
    return { type: "section", text: plain(text, SLACK_LIMITS.sectionText) };
  }
  const type = as === "quote" ? "rich_text_quote" : "rich_text_preformatted";
  const room = SLACK_LIMITS.richText / Math.max(1, parts.length);
  return {
    type: "rich_text",
    elements: parts.flatMap(({ heading, text }) => [
      {
        type: "rich_text_section" as const,
        elements: [{ type: "text" as const, text: heading, style: { bold: true as const } }],
      },
      { type, elements: [{ type: "text" as const, text: fitEscaped(text.agent, room) || NOTHING }] } as const,
    ]),
  };
}

function barred(text: string): string {
  return text.replaceAll(/^/gm, "│ ");
}

/** Lines of ours around what somebody else wrote, the first as a heading when there is one. */
export function quotedLines(lines: Quoted[], style: Style, { heading = false, labels = false } = {}): Block {
  const fitted = withinRoom(lines);
  if (style === "plain") {
    const text = fitted.map((line) => line.map((part) => (typeof part === "string" ? part : part.agent)).join(""));
    return { type: "section", text: plain(text.join("\n"), SLACK_LIMITS.sectionText) };
  }
  const elements = fitted.flatMap((line, index): RichTextElement[] => {
    const bold = (heading && index === 0) || labels;
    const parts = line.map((part): RichTextElement => {
      if (typeof part === "string") return { type: "text", text: part, ...(bold ? BOLD : {}) };
      return { type: "text", text: part.agent || NOTHING };
    });
    return index === fitted.length - 1 ? parts : [...parts, { type: "text", text: "\n" }];
  });
  return {
    type: "rich_text",
    elements: [{ type: "rich_text_section", elements: elements.filter(({ text }) => text !== "") }],
  };
}

const BOLD = { style: { bold: true } } as const;

function withinRoom(lines: Quoted[]): Quoted[] {
  let left = SLACK_LIMITS.richText - MORE.length;
  const fitted: Quoted[] = [];
  for (const line of lines) {
    left -= line.reduce((sum, part) => sum + escapedLength(typeof part === "string" ? part : part.agent), 1);
    if (left < 0) return [...fitted, [MORE]];
    fitted.push(line);
  }
  return fitted.length === 0 ? [[NOTHING]] : fitted;
}

/** For the line a phone shows: our words, without any markup in them. */
export function fallback(line: Line): string {
  return fitEscaped(escaped(plainLine(line)), FALLBACK_CHARS);
}

const FALLBACK_CHARS = 300;
const NOTHING = "–";
const MORE = "… more in the details";
