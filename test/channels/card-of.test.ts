import { describe, expect, test } from "vitest";
import type { Card } from "../../channels/card.ts";
import { cardOf } from "../../channels/card-of.ts";
import { plainLine } from "../../channels/line.ts";
import { listedRequest } from "../../channels/listed-request.ts";
import type { Deliberation } from "../../core/deliberation-types.ts";
import type { PersonId } from "../../core/principal.ts";
import {
  at,
  DATA,
  HOUR,
  held,
  pending,
  reached,
  refusedByGate,
  reviewing,
  SECURITY,
  SUCCEEDED,
  says,
  slot,
  starting,
  tick,
} from "../core/fixture.ts";
import { context, description, source, sourceAt } from "./fixture.ts";

const CHANNELS = ["page" as const, "slack" as const];

describe("a card answers by itself", () => {
  const card = cardOf(source(), context());

  test("what is asked, and that it waits", () => {
    expect(`${card.title.agent} — ${card.ending}`).toBe("Export 12,400 rows of customers — approval needed");
    expect(bannerText(card)).toContain("Waiting for approval. Nothing has run.");
  });

  test("why it was stopped, in policy words", () => {
    expect(bannerText(card)).toContain("Many rows leave the database at once. (BULK_EXPORT)");
  });

  test("a reason that several rules give is said once", () => {
    const state = pending();
    const [reason] = state.reasons;
    const twice = cardOf(
      sourceAt({
        ...state,
        reasons: [...state.reasons, { code: "BULK_EXPORT", note: null, ...reason, rule: "another" }],
      }),
      context(),
    );
    expect(bannerText(twice).split("(BULK_EXPORT)")).toHaveLength(2);
    expect(fieldOf(twice, "Rules")).toContain("another");
  });

  test("who else must answer, by group and by name", () => {
    expect(standingText(card)).toBe("• Missing: 1 of data: Ana Alves, Ben Brown or person:dia");
    expect(fieldOf(card, "Needs")).toBe("0 of 1 · data");
  });

  test("who answers for somebody away is named beside them, unless the request is their own", () => {
    const away = (standIn: PersonId) => context({ standInOf: (id) => (id === "person:ben" ? standIn : null) });
    const said = (standIn: PersonId) => standingText(cardOf(sourceAt(pending()), away(standIn)));
    expect(said("person:eli")).toContain("Ben Brown (away: person:eli may answer)");
    expect(said("person:owner")).not.toContain("away");
  });

  test("what happens when nobody does anything", () => {
    expect(card.ifNothing && plainLine(card.ifNothing)).toBe(
      "If nobody does anything, it expires 1 Jan 1970, 04:16 UTC, and the action does not run.",
    );
  });

  test("what will run: the exact thing, and every argument beside it", () => {
    expect(card.body.heading).toBe("What will run");
    expect(card.body.text.agent).toBe('select id, city from customers\n\nformat: "csv"\nmaxRows: 20000');
  });

  test("for whom it is, and why it is seen here", () => {
    expect(fieldOf(card, "Agent")).toBe("Reporting bot");
    expect(fieldOf(card, "For")).toBe("Asha Asker");
    expect(card.because).toBe("You see this because data is asked here");
  });
});

describe("how to approve", () => {
  const approve = (tweak: Parameters<typeof source>[0], place: Parameters<typeof context>[0] = {}) =>
    cardOf(source(tweak), context(place)).approve;

  test("one click where everything is shown and little is at stake", () => {
    expect(approve({})).toBe("click");
  });

  test("a question first in production, with warnings, and with labelled data", () => {
    expect(approve({ environment: "production" })).toBe("confirm");
    expect(approve({ description: description({ warnings: ["Leaves the company"] }) })).toBe("confirm");
    expect(approve({ description: description({}, ["pii.email"]) })).toBe("confirm");
  });

  test("never in one click when not everything fits", () => {
    const text = "select 1 -- ".padEnd(2_390, "&");
    expect(approve({ description: description({ body: { label: "Statement", language: "sql", text } }) })).toBe(
      "details",
    );
  });

  test("never in one click when something was masked or spelt out", () => {
    const masked = "select * from t where token='abcdef123456'";
    const bidi = "select 1 \u202e drop";
    for (const text of [masked, bidi]) {
      expect(approve({ description: description({ body: { label: "Statement", language: "sql", text } }) })).toBe(
        "details",
      );
    }
  });

  test("on the page where the policy or the set-up wants it", () => {
    const card = cardOf(source({ state: pending({ channels: ["page"] }) }), context());
    expect(card).toMatchObject({ approve: "page", offers: { deny: false, flag: false, stop: false } });
    expect(approve({}, { allowDecisions: false })).toBe("page");
  });

  test("not at all once it no longer waits", () => {
    const card = cardOf(sourceAt(starting({ channels: CHANNELS })), context());
    expect(card).toMatchObject({ approve: null, offers: { deny: false, flag: false, stop: true } });
  });
});

describe("every state says what it is", () => {
  test("partly approved: who, through what, and who is missing", () => {
    const state = reached(pending({ slots: [slot(DATA), slot(SECURITY)], channels: CHANNELS }), [
      says("approve", "person:ana", at(1000), { name: "Ana Alves", channel: "slack" }),
      at(1000),
    ]);
    const card = cardOf(sourceAt(state), context());
    expect(bannerText(card)).toContain("Partly approved: 1 of 2. Nothing has run.");
    expect(standingText(card)).toContain("✓ Ana Alves (data) approved via Slack, 1 Jan 1970, 00:16 UTC");
    expect(standingText(card)).toContain("• Missing: 1 of security");
    expect(standingText(card)).toContain("It takes 2 different people.");
    expect(fieldOf(card, "Needs")).toBe("1 of 2 · security missing");
    expect(card.approve).toBe("click");
  });

  test("held: who flagged it, that only auditors can end it, and until when", () => {
    const card = cardOf(sourceAt(held()), context());
    expect(bannerText(card)).toContain("Held: person:ben flagged it. Only auditors can release or reject it.");
    expect(card.notes).toEqual([{ by: "person:ben, who flagged it", text: { agent: "looks wrong" } }]);
    expect(card.ifNothing && plainLine(card.ifNothing)).toContain("If no auditor does anything, it expires");
  });

  test("held, in a list: it waits for an auditor, not for those who could approve", () => {
    const { line } = listedRequest(cardOf(sourceAt(held()), context()), null);
    expect(plainLine(line)).toMatch(/^Reporting bot · staging · waits for an auditor · held until /);
  });

  test("denied: by whom, why, and that nothing ran", () => {
    const state = reached(pending(), [says("deny", "person:ana", at(1000)), at(1000)]);
    const card = cardOf(sourceAt(state), context());
    expect(bannerText(card)).toContain("Denied by Ana Alves. The action did not run. The agent was told the reason.");
    expect(bannerText(card)).toContain("The action is not safe to run. (REVIEW_UNSAFE)");
    expect(card.body.heading).toBe("What was asked, and did not run");
    expect(card.ifNothing).toBeNull();
  });

  test("starting: until when, and that it expires otherwise", () => {
    const card = cardOf(sourceAt(starting({ channels: CHANNELS })), context());
    expect(card.ending).toBe("starting");
    expect(card.ifNothing && plainLine(card.ifNothing)).toMatch(/^If it has not started by .*, it expires/);
  });

  test("running: it can be stopped, and not decided on any more", () => {
    const card = cardOf(sourceAt(starting({ channels: CHANNELS }), { status: "running" }), context());
    expect(bannerText(card)).toContain("Running. The action has started and not ended yet.");
    expect(card.offers).toEqual({ deny: false, flag: false, stop: true, details: true });
  });

  test("succeeded: how long it took, and what came of it", () => {
    const card = cardOf(sourceAt(ended({})), context());
    expect(bannerText(card)).toBe("Succeeded in 1 s. The action ran.");
    expect(card.result).toEqual([{ label: { agent: "rows" }, value: { agent: "3" } }]);
  });

  test("failed: whether it may have taken effect", () => {
    const failed = { status: "failed" as const, code: "EXEC_FAILED", detail: "disk full", result: null };
    const card = cardOf(sourceAt(ended(failed)), context());
    expect(bannerText(card)).toBe("Approved, but it failed after 1 s. May have taken effect: unknown.");
    expect(card.notes).toEqual([{ by: "The executor", text: { agent: "disk full" } }]);
    const never = cardOf(sourceAt(ended({ ...failed, code: "EXEC_ROW_LIMIT" })), context());
    expect(bannerText(never)).toContain("May have taken effect: no.");
  });

  test("unknown: that it will not be started again, and who has to look", () => {
    const card = cardOf(sourceAt(ended({ status: "unknown", code: "EXEC_UNKNOWN", endedAt: null })), context());
    expect(bannerText(card)).toContain(
      "It may have taken effect. It will not be started again; an operator has to look.",
    );
  });

  test("resolved: whose word it is", () => {
    const state = ended({ status: "unknown", code: "EXEC_UNKNOWN", endedAt: null });
    const resolution = { outcome: "succeeded" as const, note: "The file is there.", by: "person:ana" as const };
    const card = cardOf(sourceAt(state, { status: "succeeded", resolution }), context());
    expect(bannerText(card)).toContain("Recorded as succeeded by Ana Alves, an operator.");
    expect(card.notes).toContainEqual({ by: "Ana Alves", text: { agent: "The file is there." } });
  });

  test("expired: with how many approvals, and that nothing ran", () => {
    const state = reached(
      pending({ slots: [slot(DATA), slot(SECURITY)] }),
      [says("approve", "person:ana", at(1000)), at(1000)],
      [tick, at(5 * HOUR)],
    );
    const card = cardOf(sourceAt(state), context());
    expect(bannerText(card)).toContain("Expired with 1 of 2 approvals. The action did not run.");
  });

  test("withdrawn: by whom", () => {
    const state = reached(pending(), [{ kind: "cancelled" }, at(1000)]);
    expect(bannerText(cardOf(sourceAt(state), context()))).toContain(
      "Withdrawn by an operator. The action did not run.",
    );
  });

  test("evaluating: that nothing has run, and nothing to press but the page", () => {
    const card = cardOf(source({ status: "evaluating", state: null, evaluation: null, description: null }), context());
    expect(bannerText(card)).toBe("Being evaluated. Nothing has run.");
    expect(card).toMatchObject({ approve: null, offers: { deny: false, flag: false, stop: false, details: false } });
  });

  test("an answer for somebody who is away says so, with until when", () => {
    const standsFor = [{ person: "person:cas" as const, name: "Cas Clark", groups: [SECURITY], until: at(48 * HOUR) }];
    const state = reached(pending({ slots: [slot(DATA), slot(SECURITY)] }), [
      says("approve", "person:nobody", at(1000), { name: "Zed Zhang", standsFor }),
      at(1000),
    ]);
    const card = cardOf(sourceAt(state), context());
    expect(standingText(card)).toContain("✓ Zed Zhang (security) approved for Cas Clark, who is away until 3 Jan 1970");
  });

  test("asked again: what the gate said, and both numbers", () => {
    const state = reached(starting({ channels: CHANNELS }), [
      refusedByGate(1, {
        code: "EXEC_PREVIEW_DRIFT",
        factsDigest: "sha256:new",
        evaluation: reviewing(),
        voidReviewsBefore: true,
      }),
      at(2000),
    ]);
    const now = description({ fields: [{ label: "Rows", value: "about 40,000 rows" }] });
    const previous = {
      reasons: [
        { code: "EXEC_PREVIEW_DRIFT", rule: null, note: "The estimate was 12,400 rows and is now 40,000 rows." },
      ],
      description: description(),
      evaluation: reviewing(),
    };
    const card = cardOf(sourceAt(state, { description: now, previous }), context());
    expect(card.ending).toBe("approval needed again");
    expect(JSON.stringify(card.changed)).toContain("The estimate was 12,400 rows and is now 40,000 rows.");
    expect(card.changed).toContainEqual([
      "• Rows: was ",
      { agent: "about 12,400 rows (estimate); at most 20,000 rows" },
      ", is now ",
      { agent: "about 40,000 rows" },
    ]);
  });
});

function bannerText(card: Card): string {
  return card.banner.map(plainLine).join("\n");
}

function standingText(card: Card): string {
  return card.standing.map(plainLine).join("\n");
}

function fieldOf(card: Card, label: string): string | undefined {
  const found = card.fields.find((field) => field.label === label);
  return found && plainLine(found.value);
}

function ended(report: Partial<typeof SUCCEEDED>): Deliberation {
  return reached(starting({ channels: CHANNELS }), [
    { kind: "executed", attempt: 1, report: { ...SUCCEEDED, ...report } },
    at(3000),
  ]);
}
