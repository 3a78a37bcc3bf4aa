import { LIMITS } from "../../core/limits.ts";
import { escapedLength } from "../agent-text.ts";
import type { Card } from "../card.ts";
import type { DetailsInput } from "../details-of.ts";
import type { AgentText, Quoted } from "../line.ts";
import { dated, type TimelineLine } from "../timeline.ts";
import type { Block, Modal, Style } from "./blocks.ts";
import { linkButton } from "./buttons.ts";
import { changedPart, justificationPart, notesPart, resultPart, standingPart, titleOf } from "./draw-card.ts";
import { noteInput } from "./inputs.ts";
import { SLACK_LIMITS } from "./limits.ts";
import { field, foreign, mrkdwn, plain, quotedLines } from "./text.ts";
import { modal } from "./view.ts";

/**
 * Everything there is to know of one request. Whoever may approve can do so here only when nothing of what
 * they decide on is masked or left out; otherwise the view says so and leads to the page.
 */
export function drawDetails(input: DetailsInput, style: Style, token: string, mayApprove: boolean): Modal {
  const { card } = input;
  const approves = approvesHere(card, mayApprove);
  const blocks: Block[] = [
    titleOf(card),
    { type: "section", text: mrkdwn(card.banner, style, { boldFirst: true }) },
    { type: "section", fields: card.fields.map(({ label, value }) => field(label, value, style)) },
    ...changedPart(card, style),
    ...inParts(
      card.warnings.map((warning): Quoted => ["⚠ ", warning]),
      style,
    ),
    ...literalParts(card.body.heading, card.body.text, style),
    ...inParts(
      card.facts.map(({ label, value }): Quoted => [`${label}: `, value]),
      style,
      { labels: true },
    ),
    ...(card.justification === null ? [justificationPart(card, style)] : saidParts(card.justification, style)),
    ...resultPart(card, style),
    ...notesPart(card, style),
    ...standingPart(card, style),
    ...(input.explanation === null ? [] : literalParts("How the policy came to this", input.explanation, style)),
    ...historyPart(input.timeline, style),
    { type: "context", elements: [plain(finePrint(card), SLACK_LIMITS.field)] },
    {
      type: "actions",
      elements: [
        linkButton(elsewhere(card, mayApprove) ? "Answer on the request page" : "Open request page", card.pageUrl),
      ],
    },
    ...(elsewhere(card, mayApprove) ? [notEverything(card)] : []),
    ...(approves ? [noteInput("Note", "Optional. It is kept with your approval.", true, LIMITS.noteChars)] : []),
  ];
  return modal("details", "Details", approves ? "Approve" : null, token, blocks);
}

/** Does sending this view approve? */
export function approvesHere(card: Card, mayApprove: boolean): boolean {
  return mayApprove && card.complete && card.approve !== null && card.approve !== "page";
}

function elsewhere(card: Card, mayApprove: boolean): boolean {
  return mayApprove && card.approve !== null && !approvesHere(card, mayApprove);
}

function notEverything({ complete }: Card): Block {
  const why = complete
    ? "The policy wants this answered on the request page."
    : "Something is masked or too long to be shown here, so it cannot be approved here. The request page shows all of it.";
  return { type: "context", elements: [plain(why, SLACK_LIMITS.field)] };
}

function saidParts(justification: AgentText, style: Style): Block[] {
  return chunks(justification.agent).map((part, index) =>
    foreign(index === 0 ? "Agent says (not checked):" : "…", { agent: part }, "quote", style),
  );
}

/** As many blocks as the text needs: nothing of it is left out. */
function literalParts(heading: string, text: AgentText, style: Style): Block[] {
  const parts = chunks(text.agent);
  return parts.map((part, index) =>
    foreign(
      index === 0 ? heading : `${heading} (${index + 1} of ${parts.length})`,
      { agent: part },
      "preformatted",
      style,
    ),
  );
}

function inParts(lines: Quoted[], style: Style, how: { heading?: boolean; labels?: boolean } = {}): Block[] {
  const parts: Quoted[][] = [];
  let room = 0;
  for (const line of lines) {
    const length = line.reduce((sum, part) => sum + escapedLength(typeof part === "string" ? part : part.agent), 1);
    room -= length;
    const last = parts.at(-1);
    if (last === undefined || room < 0) {
      parts.push([line]);
      room = CHUNK - length;
    } else last.push(line);
  }
  return parts.map((part, index) => quotedLines(part, style, index === 0 ? how : { labels: how.labels ?? false }));
}

/** Between lines where that is possible; only a line that is too long for a block is broken. */
function chunks(text: string): string[] {
  const parts: string[] = [];
  let part: string[] = [];
  let room = CHUNK;
  for (const line of text.split("\n").flatMap(piecesOf)) {
    const length = escapedLength(line) + LINE_MARK;
    if (length > room && part.length > 0) {
      parts.push(part.join("\n"));
      part = [];
      room = CHUNK;
    }
    part.push(line);
    room -= length;
  }
  return [...parts, part.join("\n")];
}

function piecesOf(line: string): string[] {
  if (escapedLength(line) <= CHUNK - LINE_MARK) return [line];
  const pieces: string[] = [];
  let piece = "";
  let length = LINE_MARK;
  for (const character of line) {
    const more = escapedLength(character);
    if (length + more > CHUNK) {
      pieces.push(piece);
      piece = "";
      length = LINE_MARK;
    }
    piece += character;
    length += more;
  }
  return [...pieces, piece];
}

/** A line may be marked at its beginning, and ends. */
const LINE_MARK = 3;
/** Below what a block holds, with room for a heading. */
const CHUNK = 2_800;

function historyPart(timeline: TimelineLine[], style: Style): Block[] {
  if (timeline.length === 0) return [];
  const lines = timeline.map(
    (one): Quoted => (one.note === null ? [dated(one)] : [`${dated(one)}: `, oneLine(one.note)]),
  );
  return inParts([["History"], ...lines], style, { heading: true });
}

function oneLine({ agent }: AgentText): AgentText {
  return { agent: agent.replaceAll("\n", " ⏎ ") };
}

function finePrint({ requestId, digest, factsDigest, run }: Card): string {
  const facts = factsDigest === null ? "" : `\nFacts ${factsDigest}`;
  const hint = run === null ? "" : `\nRun, as the agent says: ${run.agent}`;
  return `Request ${requestId}\nAction ${digest}${facts}${hint}`;
}
