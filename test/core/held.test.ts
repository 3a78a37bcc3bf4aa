import { describe, expect, it } from "vitest";
import { open, step, wakeAt } from "../../core/deliberation.ts";
import {
  allowing,
  at,
  HOUR,
  held,
  opening,
  pending,
  reached,
  say,
  says,
  starting,
  tick,
  types,
  won,
} from "./fixture.ts";

describe("held", () => {
  it("gives back at release exactly what was left of the deadline", () => {
    const released = say(held(), "release", "person:aud", at(10 * HOUR));
    expect(released.state).toMatchObject({ phase: "pending", hold: null, deadlineAt: at(13 * HOUR) });
    expect(types(released)).toEqual(["request.released", "request.pending"]);
    expect(released.answer).toEqual({ recorded: true, code: "REVIEW_RELEASED" });
  });

  it("a flag read after the deadline leaves no time, and owes none", () => {
    const late = step(pending(), says("flag", "person:ben", at(4 * HOUR) - 1), at(5 * HOUR)).state;
    const released = say(late, "release", "person:aud", at(6 * HOUR));
    expect(released.state.deadlineAt).toBe(at(6 * HOUR));
    expect(step(released.state, tick, at(6 * HOUR)).state.outcome?.status).toBe("expired");
  });

  it("keeps an approval given meanwhile, which starts the action at the release", () => {
    const approved = say(held(), "approve", "person:ana", at(2 * HOUR));
    expect(approved.state.phase).toBe("held");
    expect(approved.effects).toEqual([]);
    const released = say(approved.state, "release", "person:aud", at(3 * HOUR));
    expect(released.effects).toEqual([{ kind: "start", attempt: 1, executeBy: at(3 * HOUR + 900_000) }]);
    expect(types(released)).toEqual(["request.released", "request.starting"]);
  });

  it("an auditor's reject denies it", () => {
    const rejected = say(held(), "reject", "person:aud", at(2 * HOUR), { note: "not like this" });
    expect(rejected.state.outcome).toMatchObject({
      status: "denied",
      decidedBy: "auditor",
      people: ["person:aud"],
      reasons: [{ code: "REVIEW_REJECTED", note: "not like this" }],
    });
  });

  it.each(["release", "reject"] as const)("%s is for auditors who did not flag it themselves", (verb) => {
    expect(say(held(), verb, "person:ana", at(2 * HOUR)).answer?.code).toBe("REVIEW_NOT_ELIGIBLE");
    const second = reached(held(), [says("flag", "person:aud", at(2 * HOUR)), at(2 * HOUR)]);
    expect(say(second, verb, "person:aud", at(3 * HOUR)).answer?.code).toBe("REVIEW_FLAGGER_EXCLUDED");
    expect(say(second, verb, "person:aurel", at(3 * HOUR)).answer?.recorded).toBe(true);
  });

  it("the owner of the agent cannot release it, auditor or not", () => {
    const groups = ["group:auditors" as const];
    const answer = say(held(), "release", "person:owner", at(2 * HOUR), { groups }).answer;
    expect(answer).toEqual({ recorded: false, code: "REVIEW_OWNER_EXCLUDED" });
  });

  it("a second flag adds its note and leaves the hold as it is", () => {
    const before = held();
    const flagged = say(before, "flag", "person:ana", at(2 * HOUR), { note: "me too" });
    expect(flagged.state.hold).toEqual(before.hold);
    expect(flagged.state.flags).toHaveLength(2);
  });

  it("can be denied and withdrawn, not stopped or extended", () => {
    expect(say(held(), "deny", "person:ana", at(2 * HOUR)).state.outcome?.status).toBe("denied");
    expect(say(held(), "withdraw", "agent:etl", at(2 * HOUR)).state.outcome?.status).toBe("withdrawn");
    expect(say(held(), "stop", "person:ops", at(2 * HOUR)).answer?.code).toBe("REVIEW_NOT_RUNNING");
    expect(say(held(), "extend", "person:ana", at(2 * HOUR)).answer?.code).toBe("REVIEW_HELD");
    expect(step(held(), { kind: "cancelled" }, at(2 * HOUR)).state.outcome?.decidedBy).toBe("operator");
  });

  it("expires when nobody ends the hold in time, not at the deadline that stands still", () => {
    expect(wakeAt(held())).toBe(at(25 * HOUR));
    expect(step(held(), tick, at(5 * HOUR)).state.phase).toBe("held");
    const expired = step(held(), tick, at(25 * HOUR));
    expect(expired.state.outcome).toMatchObject({ status: "expired", reasons: [{ code: "TIME_HOLD_EXPIRED" }] });
  });

  it("a release that comes after the hold has run out is refused", () => {
    const late = say(held(), "release", "person:aud", at(25 * HOUR + 5001));
    expect(late.answer).toEqual({ recorded: false, code: "REVIEW_AFTER_DEADLINE" });
  });

  it("after an allow, an auditor's flag holds it and a release starts the next attempt", () => {
    const allowed = open(opening(allowing())).state;
    const flagged = reached(allowed, [says("flag", "person:aud", at(1)), at(1)], [won, at(2)]);
    expect(flagged.phase).toBe("held");
    const released = say(flagged, "release", "person:aurel", at(3));
    expect(released.effects).toEqual([{ kind: "start", attempt: 2, executeBy: at(3 + 900_000) }]);
  });

  it("after a flag that stopped a start, the kept approvals start the next attempt at the release", () => {
    const flagged = reached(starting(), [says("flag", "person:ben", at(2000)), at(2000)], [won, at(2001)]);
    expect(flagged.phase).toBe("held");
    const released = say(flagged, "release", "person:aud", at(HOUR));
    expect(released.state).toMatchObject({ phase: "starting", attempt: 2, metAt: at(HOUR) });
  });
});
