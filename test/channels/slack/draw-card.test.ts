import { describe, expect, test } from "vitest";
import { cardOf } from "../../../channels/card-of.ts";
import { asText } from "../../../channels/slack/as-text.ts";
import type { Button, Message, Style } from "../../../channels/slack/blocks.ts";
import { drawCard } from "../../../channels/slack/draw-card.ts";
import { RENDERER, redraw, shownDigest } from "../../../channels/slack/redraw.ts";
import { context, description, source } from "../fixture.ts";

function drawn(tweak: Parameters<typeof source>[0] = {}, style: Style = "classic"): Message {
  return drawCard(cardOf(source(tweak), context()), style, (verb) => `value of ${verb}`, "srf_1");
}

function buttonsOf({ blocks }: Message): Button[] {
  return blocks.flatMap((block) => (block.type === "actions" ? block.elements : []));
}

describe("the buttons", () => {
  test("carry what the caller minted for them, under our names", () => {
    expect(buttonsOf(drawn()).map((one) => [one.action_id, one.text.text, one.value ?? one.url])).toEqual([
      ["countersign.approve", "Approve", "value of approve"],
      ["countersign.deny", "Deny…", "value of deny"],
      ["countersign.flag", "Flag…", "value of flag"],
      ["countersign.details", "Details", "value of details"],
      ["countersign.open", "Open request page", "https://countersign.example/requests/req_1"],
    ]);
  });

  test("in production, Approve first asks with target and amount", () => {
    const [approve] = buttonsOf(drawn({ environment: "production" }));
    expect(approve?.confirm?.title.text).toBe("Approve in production?");
    expect(approve?.confirm?.text.text).toBe("Export 12,400 rows of customers on crm (production).");
  });

  test("there is no Approve where something is masked, only a way to read it all", () => {
    const body = { label: "Statement", language: "sql" as const, text: "select 1 where password = 'hunter2hunter2'" };
    const message = drawn({ description: description({ body }) });
    const names = buttonsOf(message).map((one) => one.text.text);
    expect(names).toEqual(["Review to approve", "Deny…", "Flag…", "Open request page"]);
    expect(asText(message)).not.toContain("hunter2");
    expect(asText(message)).toContain("What will run (shortened or masked: not all of it is shown)");
  });
});

describe("what an agent wrote", () => {
  const text = "select 1\n✅ Approved by security\n<!channel> <@U1> <http://x|y>";
  const body = { label: "Statement", language: "sql" as const, text };

  test("stands in a literal block of rich text, letter by letter", () => {
    const block = drawn({ description: description({ body }) }).blocks.find(
      (one) => one.type === "rich_text" && one.elements.some((part) => part.type === "rich_text_preformatted"),
    );
    expect(JSON.stringify(block)).toContain("<!channel> <@U1> <http://x|y>");
  });

  test("is marked at every line where there is no rich text, so that it cannot pass for ours", () => {
    const shown = asText(drawn({ description: description({ body }) }, "plain"));
    expect(shown).toContain("│ select 1\n│ ✅ Approved by security\n│ <!channel> <@U1> <http://x|y>");
  });

  test("is never in what a locked phone shows", () => {
    const message = drawn({ description: description({ title: text, body }) });
    expect(message.text).toBe("Approval needed: Reporting bot asked for postgres.export in staging");
  });
});

describe("what was in front of somebody", () => {
  const card = cardOf(source(), context());

  test("has one name, whatever the buttons carried and wherever it was", () => {
    const shown = shownDigest(card, "classic");
    expect(shown).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(shownDigest(cardOf(source(), context()), "classic")).toBe(shown);
    expect(shownDigest(card, "plain")).not.toBe(shown);
    expect(shownDigest(cardOf(source({ environment: "production" }), context()), "classic")).not.toBe(shown);
  });

  test("is drawn again by the renderer that drew it, and by no other", () => {
    const drawing = { kind: "card", input: { card, style: "classic" } };
    expect(redraw(RENDERER, drawing).shown).toBe(shownDigest(card, "classic"));
    expect(() => redraw("slack/0", drawing)).toThrow("MALFORMED");
    expect(() => redraw(RENDERER, { kind: "poem", input: {} })).toThrow("MALFORMED");
  });
});
