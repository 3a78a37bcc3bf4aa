import { describe, expect, it } from "vitest";
import { open, step, wakeAt } from "../../core/deliberation.ts";
import {
  allowing,
  at,
  DATA,
  HOUR,
  ONCALL,
  opening,
  pending,
  ROSTER,
  reached,
  reviewing,
  SECURITY,
  say,
  says,
  slot,
  tick,
  types,
} from "./fixture.ts";

describe("opening", () => {
  it("asks people when the policy wants a review, and says who is missing", () => {
    const opened = open(opening());
    expect(opened.state).toMatchObject({ phase: "pending", attempt: 0, deadlineAt: at(4 * HOUR) });
    expect(opened.effects).toEqual([]);
    expect(opened.happened).toEqual([
      {
        type: "request.pending",
        by: null,
        reasons: [{ code: "BULK_EXPORT", rule: "bulk", note: null }],
        data: { missing: [{ from: DATA, missing: 1 }], deadlineAt: at(4 * HOUR) },
      },
    ]);
  });

  it("starts at once when the policy allows, for as long as the allow is valid", () => {
    const opened = open(opening(allowing()));
    expect(opened.state).toMatchObject({ phase: "starting", attempt: 1, requirement: null, deadlineAt: null });
    expect(opened.effects).toEqual([{ kind: "start", attempt: 1, executeBy: at(900_000) }]);
  });

  it("ends denied when the requirement has no slots, instead of being met by nobody", () => {
    const opened = open(opening(reviewing({ slots: [] })));
    expect(opened.state).toMatchObject({ phase: "ended", outcome: { status: "denied", decidedBy: "policy" } });
    expect(opened.effects).toEqual([]);
  });

  it("never opens a deliberation from a deny", () => {
    const opened = open(opening(reviewing({}, { outcome: "deny" })));
    expect(opened.state).toMatchObject({ phase: "ended", outcome: { status: "denied" } });
  });
});

describe("pending", () => {
  it("starts when the last missing person approves", () => {
    const state = pending({ slots: [slot(DATA), slot(SECURITY)] });
    const first = say(state, "approve", "person:ana", at(1000));
    expect(first.answer).toEqual({ recorded: true, code: "REVIEW_APPROVED" });
    expect(first.effects).toEqual([]);
    const second = say(first.state, "approve", "person:cas", at(2000));
    expect(second.answer).toEqual({ recorded: true, code: "REVIEW_REQUIREMENT_MET" });
    expect(second.effects).toEqual([{ kind: "start", attempt: 1, executeBy: at(2000 + 900_000) }]);
    expect(second.state).toMatchObject({ phase: "starting", metAt: at(2000), attempt: 1 });
    expect(types(second)).toEqual(["review.approved", "request.starting"]);
  });

  it("one person in two groups fills one slot", () => {
    const state = pending({ slots: [slot(DATA), slot(SECURITY)] });
    const once = say(state, "approve", "person:dia", at(1000));
    const twice = say(once.state, "approve", "person:dia", at(2000));
    expect(twice.state.phase).toBe("pending");
    expect(twice.state.reviews).toHaveLength(1);
  });

  it("keeps an approval for a slot that is already filled", () => {
    const state = pending({ slots: [slot(DATA), slot(SECURITY)] });
    const next = reached(
      state,
      [says("approve", "person:ana", at(1)), at(1)],
      [says("approve", "person:ben", at(2)), at(2)],
    );
    expect(next.reviews.map((review) => review.person)).toEqual(["person:ana", "person:ben"]);
    expect(next.phase).toBe("pending");
  });

  it("the newest answer of a person replaces the one before", () => {
    const state = pending({ slots: [slot(DATA, 2)] });
    const first = reached(state, [says("approve", "person:ana", at(1), { note: "first" }), at(1)]);
    const second = reached(first, [says("approve", "person:ana", at(2), { note: "second" }), at(2)]);
    expect(second.reviews).toMatchObject([{ person: "person:ana", note: "second" }]);
  });

  it("an answer of somebody who has left the group counts no more", () => {
    const state = pending({ slots: [slot(DATA), slot(SECURITY)] });
    const first = reached(state, [says("approve", "person:ana", at(1)), at(1)]);
    const without = ROSTER.filter((one) => one.person !== "person:ana");
    const last = step(first, { ...says("approve", "person:cas", at(2)), roster: without }, at(2));
    expect(last.state.phase).toBe("pending");
    expect(last.effects).toEqual([]);
  });

  it("a deny ends it, with code and note", () => {
    const denied = say(pending(), "deny", "person:ana", at(1000), { reason: "REVIEW_TOO_BROAD", note: "ask for less" });
    expect(denied.state).toMatchObject({
      phase: "ended",
      outcome: {
        status: "denied",
        decidedBy: "people",
        people: ["person:ana"],
        reasons: [{ code: "REVIEW_TOO_BROAD", note: "ask for less" }],
      },
    });
    expect(types(denied)).toEqual(["review.denied", "request.denied"]);
    expect(denied.answer).toEqual({ recorded: true, code: "REVIEW_TOO_BROAD" });
  });

  it("a flag holds it and keeps what was left of the deadline", () => {
    const flagged = say(pending(), "flag", "person:ben", at(HOUR));
    expect(flagged.state).toMatchObject({
      phase: "held",
      hold: { by: "person:ben", since: at(HOUR), expiresAt: at(25 * HOUR), remainingMs: 3 * HOUR },
      flags: [{ by: "person:ben", held: true, reason: "REVIEW_UNSAFE" }],
    });
    expect(types(flagged)).toEqual(["review.flagged", "request.held"]);
  });

  it("an approve with a flag counts, and leaves a follow-up without a hold", () => {
    const flag = { reason: "REVIEW_SUSPICIOUS", note: "odd hour" };
    const approved = say(pending(), "approve", "person:ana", at(1000), { flag });
    expect(approved.state).toMatchObject({ phase: "starting", flags: [{ held: false, note: "odd hour" }] });
    expect(types(approved)).toEqual(["review.approved", "review.flagged", "request.starting"]);
  });

  it.each([
    ["agent:etl", "requester", "REVIEW_WITHDRAWN"],
    ["person:owner", "owner", "REVIEW_WITHDRAWN"],
    ["person:ops", "operator", "ADMIN_WITHDRAWN"],
  ] as const)("%s may withdraw it, as %s", (by, decidedBy, code) => {
    const withdrawn = say(pending(), "withdraw", by, at(1000));
    expect(withdrawn.state.outcome).toMatchObject({ status: "withdrawn", decidedBy, people: [by] });
    expect(withdrawn.answer).toEqual({ recorded: true, code });
  });

  it("a reviewer can move the deadline, as far as the policy allows and no further", () => {
    const extended = say(pending(), "extend", "person:ana", at(1000), { extendSeconds: 4 * 3600 });
    expect(extended.state.deadlineAt).toBe(at(8 * HOUR));
    const further = say(extended.state, "extend", "person:ana", at(1000), { extendSeconds: 1 });
    expect(further.answer).toEqual({ recorded: false, code: "REVIEW_EXTENSION_TOO_LONG" });
    expect(further.state.deadlineAt).toBe(at(8 * HOUR));
  });

  it("cannot be stopped, released or rejected", () => {
    expect(say(pending(), "stop", "person:ops", at(1)).answer?.code).toBe("REVIEW_NOT_RUNNING");
    expect(say(pending(), "release", "person:aud", at(1)).answer?.code).toBe("REVIEW_NOT_HELD");
    expect(say(pending(), "reject", "person:aud", at(1)).answer?.code).toBe("REVIEW_NOT_HELD");
  });

  it("a cancelled workflow is a withdrawal by an operator", () => {
    const cancelled = step(pending(), { kind: "cancelled" }, at(1));
    expect(cancelled.state.outcome).toMatchObject({
      status: "withdrawn",
      decidedBy: "operator",
      reasons: [{ code: "ADMIN_CANCELLED" }],
    });
  });
});

describe("time", () => {
  it("expires an undecided request at its deadline, and not a moment before", () => {
    const state = pending();
    expect(wakeAt(state)).toBe(at(4 * HOUR));
    expect(step(state, tick, at(4 * HOUR) - 1).state.phase).toBe("pending");
    const expired = step(state, tick, at(4 * HOUR));
    expect(expired.state.outcome).toMatchObject({ status: "expired", reasons: [{ code: "TIME_EXPIRED" }] });
  });

  it("counts an answer given before the deadline and read after it", () => {
    const late = step(pending(), says("approve", "person:ana", at(4 * HOUR) - 1), at(5 * HOUR));
    expect(late.state).toMatchObject({ phase: "starting", metAt: at(5 * HOUR) });
  });

  it("tolerates five seconds of skew, and refuses what was answered later", () => {
    const state = pending();
    const deadline = at(4 * HOUR);
    expect(step(state, says("approve", "person:ana", deadline + 5000), deadline + 6000).state.phase).toBe("starting");
    const refused = step(state, says("approve", "person:ana", deadline + 5001), deadline + 6000);
    expect(refused.answer).toEqual({ recorded: false, code: "REVIEW_AFTER_DEADLINE" });
  });

  it("reminds those missing, once per reminder, also when several are due at once", () => {
    const state = pending({ remindSeconds: [3600, 7200] });
    expect(wakeAt(state)).toBe(at(HOUR));
    const reminded = step(state, tick, at(2 * HOUR));
    expect(reminded.happened).toMatchObject([
      { type: "request.reminded", data: { missing: [{ from: DATA, missing: 1 }] } },
    ]);
    expect(wakeAt(reminded.state)).toBe(at(4 * HOUR));
    expect(step(reminded.state, tick, at(2 * HOUR)).happened).toEqual([]);
  });

  it("widens one slot when its time has come, and only while somebody is missing there", () => {
    const slots = [slot(DATA, 1, [{ afterSeconds: 3600, to: ONCALL }]), slot(SECURITY)];
    const state = pending({ slots });
    expect(say(state, "approve", "person:eli", at(1)).answer?.code).toBe("REVIEW_NOT_ELIGIBLE");
    const widened = step(state, tick, at(HOUR));
    expect(widened.happened).toMatchObject([
      { type: "request.escalated", data: { slot: DATA, to: ONCALL }, reasons: [{ code: "TIME_ESCALATED" }] },
    ]);
    expect(widened.state.widened).toEqual([[ONCALL], []]);
    expect(say(widened.state, "approve", "person:eli", at(HOUR)).answer?.code).toBe("REVIEW_APPROVED");

    const filled = reached(state, [says("approve", "person:ana", at(1)), at(1)]);
    expect(wakeAt(filled)).toBe(at(4 * HOUR));
    expect(step(filled, tick, at(HOUR)).happened).toEqual([]);
  });

  it("widens a filled slot whose person is the one another slot waits for", () => {
    const slots = [slot(DATA, 1, [{ afterSeconds: 3600, to: ONCALL }]), slot(SECURITY)];
    const filled = reached(pending({ slots }), [says("approve", "person:dia", at(1)), at(1)]);
    const widened = step(filled, tick, at(HOUR)).state;
    expect(widened.widened).toEqual([[ONCALL], []]);
    expect(say(widened, "approve", "person:eli", at(HOUR)).answer?.code).toBe("REVIEW_REQUIREMENT_MET");
  });

  it("widens at once when nobody is left who could answer", () => {
    const slots = [slot("group:empty", 1, [{ afterSeconds: 3600, to: ONCALL }])];
    const opened = open(opening(reviewing({ slots })));
    expect(types(opened)).toEqual(["request.pending", "request.escalated"]);
    expect(opened.happened[1]).toMatchObject({ reasons: [{ code: "TIME_ESCALATED_IMPOSSIBLE" }] });
    expect(opened.state.widened).toEqual([[ONCALL]]);
  });

  it("widens at once when the last one who could answer leaves", () => {
    const slots = [slot(SECURITY, 1, [{ afterSeconds: 3600, to: ONCALL }]), slot(DATA, 2)];
    const without = ROSTER.filter((one) => one.person !== "person:cas" && one.person !== "person:dia");
    const next = step(pending({ slots }), { ...says("approve", "person:ana", at(1)), roster: without }, at(1));
    expect(next.state.widened).toEqual([[ONCALL], []]);
  });

  it("says at the deadline when not enough people could have approved", () => {
    const expired = step(pending({ slots: [slot(DATA, 9)] }), tick, at(4 * HOUR));
    expect(expired.state.outcome).toMatchObject({ status: "expired", reasons: [{ code: "TIME_QUORUM_IMPOSSIBLE" }] });
  });
});
