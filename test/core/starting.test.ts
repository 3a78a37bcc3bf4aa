import { describe, expect, it } from "vitest";
import { step, wakeAt } from "../../core/deliberation.ts";
import type { DeliberationEvent } from "../../core/deliberation-types.ts";
import {
  at,
  DATA,
  lost,
  reached,
  SECURITY,
  SUCCEEDED,
  say,
  says,
  slot,
  starting,
  tick,
  types,
  won,
} from "./fixture.ts";

const when = at(2000);
const settle = { kind: "settle", attempt: 1 } as const;
const lostWithReport: DeliberationEvent = { kind: "settled", settlement: { won: false, report: SUCCEEDED } };
const claimSeen = () => reached(starting(), [tick, at(1000 + 900_000)], [lost, at(1000 + 900_001)]);

describe("starting", () => {
  it("an executed action ends with its report, decided by those who approved", () => {
    const ended = step(starting(), { kind: "executed", attempt: 1, report: SUCCEEDED }, when);
    expect(ended.state.outcome).toMatchObject({
      status: "succeeded",
      decidedBy: "people",
      people: ["person:ana"],
      report: SUCCEEDED,
    });
    expect(types(ended)).toEqual(["request.succeeded"]);
  });

  it("a report of another attempt changes nothing", () => {
    const state = starting();
    expect(step(state, { kind: "executed", attempt: 7, report: SUCCEEDED }, when)).toMatchObject({
      state,
      happened: [],
    });
  });

  it("keeps a further approval", () => {
    const kept = say(starting(), "approve", "person:ben", when);
    expect(kept.answer).toEqual({ recorded: true, code: "REVIEW_APPROVED" });
    expect(kept.state.reviews).toHaveLength(2);
    expect(kept.effects).toEqual([]);
  });

  it.each([
    ["deny", "person:ben", "denied", "REVIEW_UNSAFE"],
    ["withdraw", "agent:etl", "withdrawn", "REVIEW_WITHDRAWN"],
    ["stop", "person:ben", "withdrawn", "REVIEW_STOPPED"],
  ] as const)("%s before the claim wins: %s → %s", (verb, by, status, code) => {
    const asked = say(starting(), verb, by, when);
    expect(asked).toMatchObject({ answer: null, effects: [settle], state: { phase: "settling" } });
    const answered = step(asked.state, won, when);
    expect(answered.state).toMatchObject({ phase: "ended", outcome: { status, people: [by] } });
    expect(answered.answer).toEqual({ recorded: true, code });
    expect(types(answered)[0]).toBe("request.settled");
  });

  it.each([["deny", "person:ben"] as const, ["withdraw", "agent:etl"] as const])(
    "%s after the claim is refused as too late, and the action goes on",
    (verb, by) => {
      const asked = say(starting(), verb, by, when);
      const answered = step(asked.state, lost, when);
      expect(answered.answer).toEqual({ recorded: false, code: "REVIEW_TOO_LATE" });
      expect(answered.state).toMatchObject({ phase: "starting", claimSeen: true, settling: null });
      expect(answered.state.reviews).toEqual(
        starting().reviews.map((one) => ({ ...one, messageId: expect.any(String) })),
      );
      const again = say(answered.state, verb, by, when);
      expect(again.answer?.code).toBe("REVIEW_TOO_LATE");
      expect(again.effects).toEqual([]);
    },
  );

  it("a flag before the claim holds it", () => {
    const asked = say(starting(), "flag", "person:ben", when);
    const answered = step(asked.state, won, when);
    expect(answered.state).toMatchObject({ phase: "held", flags: [{ held: true, by: "person:ben" }] });
    expect(answered.answer).toEqual({ recorded: true, code: "REVIEW_UNSAFE" });
  });

  it("a flag after the claim becomes a follow-up without a hold", () => {
    const asked = say(starting(), "flag", "person:ben", when);
    const answered = step(asked.state, lost, when);
    expect(answered.state).toMatchObject({ phase: "starting", flags: [{ held: false, by: "person:ben" }] });
    expect(answered.answer).toEqual({ recorded: true, code: "REVIEW_UNSAFE" });
    expect(say(answered.state, "flag", "person:aud", when).state.flags).toHaveLength(2);
  });

  it("a stop after the claim asks the running action to stop", () => {
    const asked = say(starting(), "stop", "person:ops", when);
    const answered = step(asked.state, lost, when);
    expect(answered.effects).toEqual([{ kind: "cancel", attempt: 1 }]);
    expect(answered.answer).toEqual({ recorded: true, code: "REVIEW_STOPPED" });
    const again = say(answered.state, "stop", "person:ben", when);
    expect(again.effects).toEqual([{ kind: "cancel", attempt: 1 }]);
    expect(types(again)).toEqual(["request.stopping"]);
  });

  it("a cancelled workflow withdraws before the claim and stops after it", () => {
    const asked = step(starting(), { kind: "cancelled" }, when);
    expect(asked.effects).toEqual([settle]);
    expect(step(asked.state, won, when).state.outcome).toMatchObject({ status: "withdrawn", decidedBy: "operator" });
    const late = step(asked.state, lost, when);
    expect(late.effects).toEqual([{ kind: "cancel", attempt: 1 }]);
    expect(step(late.state, { kind: "cancelled" }, when).effects).toEqual([{ kind: "cancel", attempt: 1 }]);
  });

  it("an approval that ran out before the start expires, if the attempt never started", () => {
    const state = starting();
    const executeBy = at(1000 + 900_000);
    expect(wakeAt(state)).toBe(executeBy);
    expect(step(state, tick, executeBy - 1)).toMatchObject({ state, effects: [] });
    const asked = step(state, tick, executeBy);
    expect(asked).toMatchObject({ answer: null, effects: [settle] });
    const expired = step(asked.state, won, executeBy);
    expect(expired.state.outcome).toMatchObject({ status: "expired", reasons: [{ code: "TIME_NOT_STARTED" }] });
  });

  it("waits for the end of a claimed attempt without settling again", () => {
    const state = claimSeen();
    expect(state).toMatchObject({ phase: "starting", claimSeen: true });
    expect(wakeAt(state)).toBeNull();
    expect(step(state, tick, at(10_000_000))).toMatchObject({ state, effects: [] });
    const ended = step(state, { kind: "executed", attempt: 1, report: SUCCEEDED }, at(10_000_000));
    expect(ended.state.outcome?.status).toBe("succeeded");
  });

  it("cannot be extended, released or rejected, and nothing is settled out of turn", () => {
    expect(say(starting(), "extend", "person:ana", when).answer?.code).toBe("REVIEW_NOT_PENDING");
    expect(say(starting(), "release", "person:aud", when).answer?.code).toBe("REVIEW_NOT_HELD");
    expect(say(starting(), "reject", "person:aud", when).answer?.code).toBe("REVIEW_NOT_HELD");
    const state = starting();
    expect(step(state, won, when)).toMatchObject({ state, answer: null, effects: [], happened: [] });
  });
});

describe("settling", () => {
  const denying = () => reached(starting(), [says("deny", "person:ben", when), when]);

  it("refuses every message while one is being settled", () => {
    for (const verb of ["approve", "deny", "flag", "extend", "stop"] as const) {
      const refused = say(denying(), verb, "person:dia", when);
      expect(refused.answer).toEqual({ recorded: false, code: "REVIEW_BUSY" });
      expect(refused.state.phase).toBe("settling");
    }
  });

  it("has no wake-up of its own, and a tick or a refusal by the gate does not disturb it", () => {
    const state = denying();
    expect(wakeAt(state)).toBeNull();
    expect(step(state, tick, at(9_000_000)).state).toBe(state);
  });

  it("a lost settlement that carries the report ends with it", () => {
    const answered = step(denying(), lostWithReport, when);
    expect(answered.state.outcome).toMatchObject({ status: "succeeded", report: SUCCEEDED });
    expect(answered.answer).toEqual({ recorded: false, code: "REVIEW_TOO_LATE" });
    expect(types(answered)).toEqual(["request.settled", "review.refused", "request.succeeded"]);
  });

  it("a stop whose action has already ended stops nothing", () => {
    const asked = say(starting(), "stop", "person:ops", when);
    const answered = step(asked.state, lostWithReport, when);
    expect(answered.effects).toEqual([]);
    expect(answered.answer).toEqual({ recorded: false, code: "REVIEW_ALREADY_DECIDED" });
  });

  it("a report that arrives first is never lost, and the sender is still answered", () => {
    const ended = step(denying(), { kind: "executed", attempt: 1, report: SUCCEEDED }, when);
    expect(ended.state.outcome?.status).toBe("succeeded");
    const answered = step(ended.state, lostWithReport, when);
    expect(answered.answer).toEqual({ recorded: false, code: "REVIEW_TOO_LATE" });
    expect(answered.state.outcome).toEqual(ended.state.outcome);
  });

  it("a cancelled workflow is not forgotten while something else is being settled", () => {
    const flagging = reached(starting(), [says("flag", "person:ben", when), when]);
    const both = step(flagging, { kind: "cancelled" }, when);
    expect(step(both.state, won, when).state.outcome).toMatchObject({ status: "withdrawn", decidedBy: "operator" });
  });

  it("two slots: the ones who filled them are the people of the outcome", () => {
    const state = starting({ slots: [slot(DATA), slot(SECURITY)] });
    const both = reached(state, [says("approve", "person:cas", when), when]);
    const ended = step(both, { kind: "executed", attempt: 1, report: SUCCEEDED }, when);
    expect(ended.state.outcome?.people).toEqual(["person:ana", "person:cas"]);
  });
});
