import { COMMANDS, type CommandAnswer } from "../command-answer.ts";
import type { Line } from "../line.ts";
import type { Block, Message, Style } from "./blocks.ts";
import { button, linkButton } from "./buttons.ts";
import { contextPart, standingPart, titleOf, warningPart } from "./draw-card.ts";
import { listedPart } from "./draw-list.ts";
import { SLACK_LIMITS } from "./limits.ts";
import { fallback, field, foreign, mrkdwn, plain } from "./text.ts";

/** The private answer to a typed command. Nothing is ever decided by it, so it has no decision buttons. */
export function drawCommand(answer: CommandAnswer, style: Style): Message {
  switch (answer.kind) {
    case "list":
      return drawList(answer, style);
    case "show":
      return drawShow(answer, style);
    case "said":
      return drawSaid(answer, style);
    case "checks":
      return drawChecks(answer, style);
    case "help":
      return drawHelp(answer, style);
    default:
      return answer satisfies never;
  }
}

type Of<Kind extends CommandAnswer["kind"]> = Extract<CommandAnswer, { kind: Kind }>;

function drawList({ heading, items, empty, pageUrl }: Of<"list">, style: Style): Message {
  const shown = items.slice(0, MOST_ITEMS);
  const more = items.length - shown.length;
  const blocks: Block[] = [
    { type: "header", text: plain(heading, SLACK_LIMITS.header) },
    ...(shown.length === 0 ? [said([[empty]], style)] : shown.flatMap((item) => listedPart(item, style))),
    { type: "actions", elements: [linkButton(more > 0 ? `Open all (${more} more)` : "Open all requests", pageUrl)] },
  ];
  return { text: fallback([heading]), blocks };
}

/** Two blocks each, with a heading and a link. */
const MOST_ITEMS = 20;

function drawShow({ card, details }: Of<"show">, style: Style): Message {
  const link = linkButton("Open request page", card.pageUrl);
  return {
    text: fallback([card.notification]),
    blocks: [
      titleOf(card),
      { type: "section", text: mrkdwn(card.banner, style, { boldFirst: true }) },
      { type: "section", fields: card.fields.map(({ label, value }) => field(label, value, style)) },
      ...warningPart(card, style),
      foreign(card.body.heading, card.body.text, "preformatted", style),
      ...standingPart(card, style),
      contextPart(card),
      { type: "actions", elements: details === null ? [link] : [button("details", "Details", details), link] },
    ],
  };
}

function drawSaid({ line, next, link }: Of<"said">, style: Style): Message {
  const lines = next === null ? [line] : [line, next];
  const blocks: Block[] = [said(lines, style)];
  if (link !== null) blocks.push({ type: "actions", elements: [linkButton(link.text, link.url, "primary")] });
  return { text: fallback(line), blocks };
}

function drawChecks({ checks }: Of<"checks">, style: Style): Message {
  const failed = checks.filter((check) => !check.ok).length;
  const verdict = failed === 0 ? "Everything is set up." : `${failed} of ${checks.length} checks failed.`;
  const lines = checks.map(
    ({ ok, line, fix }): Line => [`${ok ? "✓" : "✗"} ${line}${fix === null ? "" : ` → ${fix}`}`],
  );
  return { text: fallback([verdict]), blocks: [said([[verdict], ...lines], style, true)] };
}

function drawHelp({ wrong }: Of<"help">, style: Style): Message {
  const lines = COMMANDS.map(({ usage, does }): Line => [`\`${usage}\` — ${does}`]);
  const first: Line = [wrong ?? "What you can ask here. Answers are given with the buttons of a request, never typed."];
  return {
    text: fallback([wrong === null ? "Help for /approvals" : "That command was not understood"]),
    blocks: [said([first, ...lines], style)],
  };
}

function said(lines: Line[], style: Style, boldFirst = false): Block {
  return { type: "section", text: mrkdwn(lines, style, { boldFirst }) };
}
