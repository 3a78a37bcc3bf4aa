import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { answerForm } from "../../../channels/answer-form.ts";
import type { Card, CardContext, CardSource } from "../../../channels/card.ts";
import { cardOf } from "../../../channels/card-of.ts";
import { detailsOf } from "../../../channels/details-of.ts";
import { HOME_LISTS, listedRequest } from "../../../channels/listed-request.ts";
import { asText } from "../../../channels/slack/as-text.ts";
import type { Message, Style, View } from "../../../channels/slack/blocks.ts";
import { drawCard } from "../../../channels/slack/draw-card.ts";
import { drawCommand } from "../../../channels/slack/draw-command.ts";
import { drawDeny } from "../../../channels/slack/draw-deny.ts";
import { approvesHere, drawDetails } from "../../../channels/slack/draw-details.ts";
import { drawFlag } from "../../../channels/slack/draw-flag.ts";
import { drawHome, HOME_PAGE } from "../../../channels/slack/draw-home.ts";
import { drawOwnerNote } from "../../../channels/slack/draw-owner-note.ts";
import { drawReply } from "../../../channels/slack/draw-reply.ts";
import { SLACK_LIMITS } from "../../../channels/slack/limits.ts";
import { RENDERER, redraw, type SlackDrawing, shownOf } from "../../../channels/slack/redraw.ts";
import { type TimelineEvent, threadLines } from "../../../channels/timeline.ts";
import { HAPPENINGS } from "../../../core/deliberation-types.ts";
import { at } from "../../core/fixture.ts";
import { context, description, source } from "../fixture.ts";
import { anyAgentText, anySource, MARK } from "./arbitrary.ts";
import { breaches, markupLeaves } from "./limits-kept.ts";

/** Dates in everybody's own time, and the one person whose account is known. */
const OUR_MARKUP = /<!date\^\d+\^\{date_short_pretty\} at \{time\}\||<@U9ANA>/g;
const TOKEN = "t".repeat(1_900);
const anyStyle = fc.constantFrom<Style>("classic", "plain");
/** Names of the configuration may hold what is markup elsewhere. */
const anyContext: fc.Arbitrary<CardContext> = fc
  .record({
    allowDecisions: fc.boolean(),
    channel: fc.constantFrom("slack" as const, "page" as const),
    name: fc.constantFrom("Ana & Ben", "<!channel>", "<@U1>"),
  })
  .map(({ allowDecisions, channel, name }) => context({ allowDecisions, channel, nameOf: () => name }));
const anything = fc.record({ source: anySource, context: anyContext, style: anyStyle, text: anyAgentText });
type Anything = { source: CardSource; context: CardContext; style: Style; text: string };

describe("whatever an agent sends, in whatever state", () => {
  test("everything that is drawn keeps every limit of Slack", () => {
    fc.assert(
      fc.property(anything, (given) => {
        for (const payload of everything(given)) expect(breaches(payload)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test("no markup, no notification, no id and no button holds anything of it", () => {
    fc.assert(
      fc.property(anything, (given) => {
        const leaves = everything(given).flatMap(markupLeaves);
        expect(leaves.filter((leaf) => leaf.includes(MARK))).toEqual([]);
        expect(leaves.filter((leaf) => /<[!@#h]/.test(leaf.replace(OUR_MARKUP, "")))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test("a card that waits for people has at most twelve blocks, and says in the title that it does", () => {
    fc.assert(
      fc.property(anything, ({ source, context, style }) => {
        const card = cardOf({ ...source, status: "pending" }, context);
        const { blocks } = draw(card, style);
        expect(blocks.length).toBeLessThanOrEqual(SLACK_LIMITS.pendingCardBlocks);
        const [title] = blocks;
        expect(title?.type === "header" && title.text.text).toMatch(/ — approval needed( again)?$/);
        expect(title?.block_id).toBe("srf_1");
      }),
      { numRuns: 40 },
    );
  });

  test("only what waits can be decided on, and only what goes can be stopped", () => {
    fc.assert(
      fc.property(anything, ({ source, context, style }) => {
        const actions = actionsOf(draw(cardOf(source, context), style));
        const decisions = ["approve", "deny", "flag"].map((verb) => `countersign.${verb}`);
        if (source.status !== "pending") for (const id of decisions) expect(actions).not.toContain(id);
        const going = source.status === "starting" || source.status === "running";
        expect(actions.includes("countersign.stop")).toBe(going && context.allowDecisions);
      }),
      { numRuns: 40 },
    );
  });

  test("nothing is approved in one click that is not shown to the letter", () => {
    fc.assert(
      fc.property(anything, ({ source, context, style }) => {
        const given = { ...source, status: "pending" as const };
        const card = cardOf(given, context);
        if (card.approve !== "click" && card.approve !== "confirm") return;
        const shown = asText(draw(card, style));
        for (const line of given.description?.preview.body.text.split("\n") ?? []) expect(shown).toContain(line);
        for (const warning of given.description?.preview.warnings ?? []) expect(shown).toContain(warning);
      }),
      { numRuns: 40 },
    );
  });

  test("the details approve only when nothing is masked or left out", () => {
    fc.assert(
      fc.property(anything, fc.boolean(), ({ source, context, style }, mayApprove) => {
        const details = detailsOf({ ...source, status: "pending" }, context, { explanation: null, events: [] });
        const view = drawDetails(details, style, TOKEN, mayApprove);
        expect(view.submit !== undefined).toBe(approvesHere(details.card, mayApprove));
        if (view.submit) expect(JSON.stringify(view)).not.toContain("[redacted]");
      }),
      { numRuns: 40 },
    );
  });

  test("the same input is drawn the same, and left as it was", () => {
    fc.assert(
      fc.property(anything, (given) => {
        const frozen = { ...given, source: deepFreeze(structuredClone(given.source)) };
        expect(everything(frozen)).toEqual(everything(given));
      }),
      { numRuns: 40 },
    );
  });

  test("what is drawn again from the record has the digest that was kept", () => {
    fc.assert(
      fc.property(anything, ({ source, context, style }) => {
        for (const drawing of drawings(source, context, style)) {
          const stored = JSON.parse(JSON.stringify(drawing));
          const { payload, shown } = redraw(RENDERER, stored);
          expect(shown).toBe(shownOf(drawing));
          expect(asText(payload)).not.toBe("");
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe("a megabyte", () => {
  test.each(["classic", "plain"] as const)("is cut, never dropped, and never approved in one click (%s)", (style) => {
    const text = `${MARK}<!channel> & `.repeat(80_000);
    expect(text.length).toBeGreaterThan(1_000_000);
    const body = { label: "Statement", language: "sql" as const, text };
    const given = source({ description: description({ title: text, body, warnings: [text] }) });
    const huge = { ...given, submission: { ...given.submission, justification: text, run: text } };
    const all = everything({ source: huge, context: context(), style, text });
    for (const payload of all) expect(breaches(payload)).toEqual([]);
    for (const leaf of all.flatMap(markupLeaves)) expect(leaf).not.toContain(MARK);
    expect(cardOf(huge, context()).approve).toBe("details");
  });
});

/** Everything that is ever drawn for Slack, of one request. */
function everything({ source, context, style, text }: Anything): (Message | View)[] {
  const card = cardOf(source, context);
  const events = eventsOf(text);
  const details = detailsOf(source, context, { explanation: text, events });
  const form = answerForm(card, ORGANISATION, "Reporting bot");
  const item = listedRequest(card, TOKEN);
  const items = Array.from({ length: HOME_PAGE }, () => item);
  const lists = HOME_LISTS.map((name) => ({ name, items, newer: TOKEN, older: TOKEN }));
  return [
    draw(card, style),
    drawDetails(details, style, TOKEN, true),
    drawDetails(details, style, TOKEN, false),
    drawDeny(form, TOKEN),
    drawFlag(form, TOKEN),
    drawOwnerNote(card, style),
    drawReply(threadLines(events, source, context), style),
    drawHome({ person: "Ana Alves", lists, pageUrl: "https://countersign.example" }, style),
    drawCommand(
      { kind: "list", heading: "Waiting for you", items, empty: "Nothing.", pageUrl: "https://x.example" },
      style,
    ),
    drawCommand({ kind: "show", card, details: TOKEN }, style),
  ];
}

const ORGANISATION = Array.from({ length: 150 }, (_, index) => ({
  code: `ORG_${"A".repeat(60)}_${index}`,
  sentence: "The organisation has a long sentence for this one, longer than fits in a menu.",
  noteRequired: true,
}));

function eventsOf(note: string): TimelineEvent[] {
  return HAPPENINGS.map((type, index) => ({
    ...{ type, at: at(index * 1000), by: index % 2 === 0 ? ("person:ana" as const) : null },
    reasons: [{ code: "REVIEW_OTHER", rule: null, note }],
    data: { missing: [{ from: "group:data", missing: 1 }], to: "group:oncall", deadlineAt: at(9_000) },
  }));
}

function drawings(source: CardSource, context: CardContext, style: Style): SlackDrawing[] {
  const card = cardOf(source, context);
  const details = detailsOf(source, context, { explanation: "because", events: eventsOf("note") });
  const form = answerForm(card, [], null);
  return [
    { kind: "card", input: { card, style } },
    { kind: "details", input: { details, style, mayApprove: true } },
    { kind: "deny", input: { form } },
    { kind: "flag", input: { form } },
    { kind: "owner", input: { card, style } },
    { kind: "reply", input: { timeline: details.timeline, style } },
  ];
}

function draw(card: Card, style: Style): Message {
  return drawCard(card, style, () => TOKEN, "srf_1");
}

function actionsOf({ blocks }: Message): string[] {
  return blocks.flatMap((block) => (block.type === "actions" ? block.elements.map((one) => one.action_id) : []));
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) Object.values(Object.freeze(value)).forEach(deepFreeze);
  return value;
}
