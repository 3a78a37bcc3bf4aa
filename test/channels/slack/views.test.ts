import { describe, expect, test } from "vitest";
import { answerForm, denyNote } from "../../../channels/answer-form.ts";
import { cardOf } from "../../../channels/card-of.ts";
import { detailsOf } from "../../../channels/details-of.ts";
import { asText } from "../../../channels/slack/as-text.ts";
import { drawDeny } from "../../../channels/slack/draw-deny.ts";
import { drawDetails } from "../../../channels/slack/draw-details.ts";
import { drawFlag } from "../../../channels/slack/draw-flag.ts";
import { drawOwnerNote } from "../../../channels/slack/draw-owner-note.ts";
import { drawReply } from "../../../channels/slack/draw-reply.ts";
import { type TimelineEvent, threadLines } from "../../../channels/timeline.ts";
import { at } from "../../core/fixture.ts";
import { context, description, source } from "../fixture.ts";

const event = (type: string, tweak: Partial<TimelineEvent> = {}): TimelineEvent => ({
  ...{ at: at(0), type, by: null, reasons: [], data: {} },
  ...tweak,
});

describe("the details", () => {
  const whole = (text: string) =>
    detailsOf(
      source({ description: description({ body: { label: "Statement", language: "sql", text } }) }),
      context(),
      {
        explanation: "rule bulk matched",
        events: [event("review.approved", { by: "person:ana" })],
      },
    );

  test("show all of a long statement, in as many blocks as it takes", () => {
    const text = Array.from({ length: 900 }, (_, line) => `select ${line}`).join("\n");
    for (const style of ["classic", "plain"] as const) {
      const view = drawDetails(whole(text), style, "token", true);
      const shown = asText(view);
      const missing = text.split("\n").filter((line) => !shown.includes(`${line}\n`));
      expect(missing).toEqual([]);
      expect(view.submit?.text).toBe("Approve");
      expect(view).toMatchObject({ callback_id: "countersign.details", private_metadata: "token" });
    }
  });

  test("spell out what is hidden, and then can be approved on", () => {
    const view = drawDetails(whole("select 1 \u202e"), "classic", "token", true);
    expect(asText(view)).toContain("\\u{202e}");
    expect(view.submit?.text).toBe("Approve");
  });

  test("cannot approve what is masked or too long, and say where it can be", () => {
    for (const text of ["token=abcdef123456", "&".repeat(20_000)]) {
      const view = drawDetails(whole(text), "classic", "token", true);
      expect(view.submit).toBeUndefined();
      expect(asText(view)).toContain("Answer on the request page");
      expect(asText(view)).toContain("it cannot be approved here");
    }
  });

  test("cannot approve for somebody who may not", () => {
    expect(drawDetails(whole("select 1"), "classic", "token", false).submit).toBeUndefined();
  });

  test("tell the policy's reasons and the history", () => {
    const shown = asText(drawDetails(whole("select 1"), "classic", "token", true));
    expect(shown).toContain("rule bulk matched");
    expect(shown).toContain("Ana Alves approved");
  });
});

describe("the forms", () => {
  const card = cardOf(source(), context());
  const own = { code: "ORG_DPO", sentence: "The data protection office says no.", noteRequired: true };

  test("deny offers our reasons and the organisation's, and says which need a note", () => {
    const form = JSON.stringify(drawDeny(answerForm(card, [own], null), "token"));
    expect(form).toContain("The action is not safe to run.");
    expect(form).toContain("ORG_DPO · needs a note");
    expect(form).toContain("What should the agent do next?");
  });

  test("what the agent should do next is the first line of what it is told", () => {
    expect(denyNote("stop", "")).toBe("Do not ask for this again.");
    expect(denyNote("again", " Leave out the names. ")).toBe("You may ask again with changes.\nLeave out the names.");
  });

  test("flag wants a note, and offers to pause the agent to those who may", () => {
    const without = drawFlag(answerForm(card, [], null), "token");
    const withPause = drawFlag(answerForm(card, [], "Reporting bot"), "token");
    expect(without.blocks.find((block) => block.block_id === "note")).toMatchObject({ optional: false });
    expect(JSON.stringify(without)).not.toContain("Pause");
    expect(asText(withPause)).toContain("Pause Reporting bot");
  });
});

describe("the thread", () => {
  test("a reminder names those who are missing, and mentions them where their account is known", () => {
    const lines = threadLines(
      [event("request.reminded", { data: { missing: [{ from: "group:data", missing: 1 }] } })],
      source(),
      context(),
    );
    const text = JSON.stringify(drawReply(lines, "classic").blocks);
    expect(text).toContain("Reminder: still missing: 1 of data — <@U9ANA>, Ben Brown, person:dia");
    expect(text).not.toContain("person:owner");
    expect(text).not.toContain("Asha Asker");
  });

  test("several things are told in one post, the same reason once, and what did not count not at all", () => {
    const reasons = [{ code: "REVIEW_UNSAFE", rule: null, note: "looks\nwrong" }];
    const lines = threadLines(
      [
        event("review.refused", {
          by: "person:ben",
          reasons: [{ code: "REVIEW_NOT_ELIGIBLE", rule: null, note: null }],
        }),
        event("review.denied", { by: "person:ana", reasons }),
        event("request.denied", { by: "person:ana", reasons }),
      ],
      source(),
      context(),
    );
    const shown = asText(drawReply(lines, "classic"));
    expect(shown).toContain("Ana Alves denied (REVIEW_UNSAFE)");
    expect(shown).toContain("> looks\n> wrong");
    expect(shown.match(/looks/g)).toHaveLength(1);
    expect(shown).toContain("Ended: denied. It did not run");
    expect(shown).not.toContain("REVIEW_NOT_ELIGIBLE");
  });
});

test("the owner is told how it ended, why they are told, and can decide nothing with it", () => {
  const message = drawOwnerNote(cardOf(source({ status: "expired" }), context()), "classic");
  expect(asText(message)).toContain("Expired with 0 of 1 approvals. The action did not run.");
  expect(asText(message)).toContain("You see this because you own the agent");
  expect(JSON.stringify(message.blocks)).not.toMatch(/countersign\.(approve|deny|flag|stop)/);
});
