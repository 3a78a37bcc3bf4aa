import type { AgentText, Line } from "../line.ts";
import type { TimelineLine } from "../timeline.ts";
import type { Block, Message, Style } from "./blocks.ts";
import { fallback, foreign, mrkdwn } from "./text.ts";

/** A post in a message's thread: everything that has happened since the last one, in one. */
export function drawReply(timeline: TimelineLine[], style: Style): Message {
  const shown = timeline.slice(-MOST_LINES);
  const left = timeline.length - shown.length;
  const blocks: Block[] = [];
  if (left > 0) blocks.push(section([[`${left} earlier things happened; the request page has them all.`]], style));
  let lines: Line[] = [];
  for (const { line, note, at } of shown) {
    lines.push([...line, " · ", { at }]);
    if (note === null) continue;
    blocks.push(section(lines, style), quoted(note, style));
    lines = [];
  }
  if (lines.length > 0) blocks.push(section(lines, style));
  const last = shown.at(-1)?.line ?? ["Nothing has happened."];
  return { text: fallback(last), blocks: blocks.length > 0 ? blocks : [section([last], style)] };
}

/** Set apart from our own lines, whatever is in it. */
function quoted(note: AgentText, style: Style): Block {
  return foreign("Note:", note, "quote", style);
}

function section(lines: Line[], style: Style): Block {
  return { type: "section", text: mrkdwn(lines, style) };
}

/** Two blocks each at most. */
const MOST_LINES = 20;
