import { escapedLength, fitEscaped } from "../agent-text.ts";
import type { Card } from "../card.ts";
import type { Line } from "../line.ts";
import { isOver } from "../status-words.ts";
import type { Block, Button, Message, Style } from "./blocks.ts";
import { type ButtonVerb, button, confirmation, linkButton } from "./buttons.ts";
import { SLACK_LIMITS } from "./limits.ts";
import { fallback, field, foreign, foreignParts, mrkdwn, plain, quotedLines } from "./text.ts";

/** What a button carries: the caller mints it. */
export type ValueOf = (verb: ButtonVerb) => string;

/** The message that shows one request, drawn from its card alone and never from what was there before. */
export function drawCard(card: Card, style: Style, valueFor: ValueOf, surfaceId: string): Message {
  const waits = !isOver(card.status);
  const blocks: Block[] = [
    { ...titleOf(card), block_id: surfaceId },
    { type: "section", text: mrkdwn(card.banner, style, { boldFirst: true }) },
    { type: "section", fields: card.fields.map(({ label, value }) => field(label, value, style)) },
    ...changedPart(card, style),
    ...(waits ? warningPart(card, style) : []),
    foreign(card.body.heading, card.body.text, "preformatted", style),
    ...(waits ? [factsPart(card, style), justificationPart(card, style)] : []),
    ...resultPart(card, style),
    ...notesPart(card, style),
    ...standingPart(card, style),
    contextPart(card),
    { type: "actions", elements: buttonsOf(card, valueFor) },
  ];
  return { text: fallback([card.notification]), blocks };
}

/** The ending stays whole, however long the title is. */
export function titleOf({ title, ending }: Pick<Card, "title" | "ending">): Block {
  const tail = ` — ${ending}`;
  return {
    type: "header",
    text: plain(`${fitEscaped(title.agent, SLACK_LIMITS.header - escapedLength(tail))}${tail}`, SLACK_LIMITS.header),
  };
}

export function changedPart({ changed }: Pick<Card, "changed">, style: Style): Block[] {
  return changed.length === 0 ? [] : [quotedLines([["What changed"], ...changed], style, { heading: true })];
}

export function warningPart({ warnings }: Pick<Card, "warnings">, style: Style): Block[] {
  if (warnings.length === 0) return [];
  return [
    quotedLines(
      warnings.map((warning) => ["⚠ ", warning]),
      style,
    ),
  ];
}

export function factsPart({ facts }: Pick<Card, "facts">, style: Style): Block {
  return quotedLines(
    facts.map(({ label, value }) => [`${label}: `, value]),
    style,
    { labels: true },
  );
}

export function justificationPart({ justification }: Pick<Card, "justification">, style: Style): Block {
  return foreign("Agent says (not checked):", justification ?? { agent: "nothing" }, "quote", style);
}

export function resultPart({ result }: Pick<Card, "result">, style: Style): Block[] {
  if (result.length === 0) return [];
  return [
    quotedLines([["Result"], ...result.map(({ label, value }) => [label, ": ", value])], style, { heading: true }),
  ];
}

export function notesPart({ notes }: Pick<Card, "notes">, style: Style): Block[] {
  if (notes.length === 0) return [];
  const parts = notes.map(({ by, text }) => ({ heading: `${by}:`, text }));
  return [foreignParts(parts, "quote", style)];
}

export function standingPart({ status, standing, ifNothing }: Card, style: Style): Block[] {
  const lines: Line[] = [
    ...(standing.length === 0
      ? []
      : [[STANDING[status === "held" ? "held" : isOver(status) ? "over" : "open"]], ...standing]),
    ...(ifNothing === null ? [] : [ifNothing]),
  ];
  if (lines.length === 0) return [];
  return [{ type: "section", text: mrkdwn(lines, style, { boldFirst: standing.length > 0 }) }];
}

const STANDING = {
  open: "Who must approve",
  held: "Who must approve, once it is released",
  over: "Who approved",
} as const;

export function contextPart({ requestId, digest, run, because }: Card, why: string = because): Block {
  const said = `${requestId} · ${digestPrefix(digest)} · ${why}`;
  return {
    type: "context",
    elements: [
      plain(said, SLACK_LIMITS.field),
      ...(run === null ? [] : [plain(`Run, as the agent says: ${run.agent}`, SLACK_LIMITS.field)]),
    ],
  };
}

/** Enough of it to compare by eye with the page or the command line. */
function digestPrefix(digest: string): string {
  return `action ${digest.replace(/^sha256:/, "").slice(0, 12)}`;
}

function buttonsOf(card: Card, valueFor: ValueOf): Button[] {
  const { offers, approve, pageUrl } = card;
  const page = linkButton(
    approve === "page" ? "Answer on the request page" : "Open request page",
    pageUrl,
    approve === "page" ? "primary" : undefined,
  );
  const review = approve === "details";
  return [
    ...(approve === "page" ? [page] : []),
    ...(approve === "click" ? [button("approve", "Approve", valueFor("approve"), { style: "primary" })] : []),
    ...(approve === "confirm" ? [confirmedApprove(card, valueFor)] : []),
    ...(review ? [button("details", "Review to approve", valueFor("details"), { style: "primary" })] : []),
    ...(offers.deny ? [button("deny", "Deny…", valueFor("deny"), { style: "danger" })] : []),
    ...(offers.flag ? [button("flag", "Flag…", valueFor("flag"))] : []),
    ...(offers.stop ? [stopButton(card, valueFor)] : []),
    ...(offers.details && !review ? [button("details", "Details", valueFor("details"))] : []),
    ...(approve === "page" ? [] : [page]),
  ];
}

function confirmedApprove(card: Card, valueFor: ValueOf): Button {
  const confirm = confirmation(`Approve in ${card.environment}?`, whatAndWhere(card), "Approve", "primary");
  return button("approve", "Approve", valueFor("approve"), { style: "primary", confirm });
}

function stopButton(card: Card, valueFor: ValueOf): Button {
  const confirm = confirmation("Stop this action?", whatAndWhere(card), "Stop it", "danger");
  return button("stop", "Stop", valueFor("stop"), { style: "danger", confirm });
}

/** Amount and target, as the title and the configuration name them, and what not to miss. */
function whatAndWhere({ title, target, environment, warnings }: Card): string {
  const what = fitEscaped(title.agent, CONFIRM_TITLE_CHARS);
  const where = `on ${fitEscaped(target.agent, CONFIRM_TARGET_CHARS)} (${environment})`;
  const [first] = warnings;
  return `${what} ${where}.${first === undefined ? "" : ` ${first.agent}.`}`;
}

const CONFIRM_TITLE_CHARS = 120;
const CONFIRM_TARGET_CHARS = 40;
