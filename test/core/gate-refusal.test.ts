import { describe, expect, it } from "vitest";
import { open, step } from "../../core/deliberation.ts";
import type { Deliberation, GateRefusal } from "../../core/deliberation-types.ts";
import { LIMITS } from "../../core/limits.ts";
import {
  allowing,
  at,
  DATA,
  HOUR,
  ONCALL,
  opening,
  reached,
  refusedByGate,
  reviewing,
  SECURITY,
  say,
  says,
  slot,
  starting,
  tick,
  types,
} from "./fixture.ts";

const when = at(2000);
const stricter = (): Partial<GateRefusal> => ({ evaluation: reviewing({ slots: [slot(DATA), slot(SECURITY)] }) });
const refused = (state: Deliberation, tweak: Partial<GateRefusal>, now = when) =>
  step(state, refusedByGate(state.attempt, tweak), now);

describe("the gate refuses", () => {
  it("a policy made stricter sends it back to people, keeps the answers and names who is missing", () => {
    const back = refused(starting(), stricter());
    expect(back.state).toMatchObject({ phase: "pending", rounds: 1, deadlineAt: at(4 * HOUR), executeBy: null });
    expect(back.state.reviews).toHaveLength(1);
    expect(types(back)).toEqual(["gate.refused", "request.pending"]);
    expect(back.happened[1]?.data).toMatchObject({ missing: [{ from: SECURITY, missing: 1 }] });
    const approved = say(back.state, "approve", "person:cas", at(HOUR));
    expect(approved.effects).toEqual([{ kind: "start", attempt: 2, executeBy: at(HOUR + 900_000) }]);
  });

  it("drift voids approvals given on other facts", () => {
    const drifted = { code: "EXEC_PREVIEW_DRIFT", voidReviewsBefore: true, factsDigest: "sha256:new" as const };
    const back = refused(starting(), { ...drifted, evaluation: reviewing({}, { factsDigest: "sha256:new" }) });
    expect(back.state).toMatchObject({ phase: "pending", reviews: [], factsDigest: "sha256:new" });
    expect(say(back.state, "approve", "person:ana", when).answer?.code).toBe("REVIEW_PREVIEW_CHANGED");
    expect(say(back.state, "approve", "person:ana", when, { factsDigest: "sha256:new" }).state.phase).toBe("starting");
  });

  it("the deadline never restarts, and a shorter timeout makes it earlier", () => {
    const state = reached(starting(), [says("approve", "person:ben", at(1500)), at(1500)]);
    const slots = [slot(DATA, 3)];
    const same = refused(state, { evaluation: reviewing({ slots, timeoutSeconds: 9 * 3600 }) }, at(HOUR));
    expect(same.state.deadlineAt).toBe(at(4 * HOUR));
    const shorter = refused(state, { evaluation: reviewing({ slots, timeoutSeconds: 2 * 3600 }) }, at(HOUR));
    expect(shorter.state.deadlineAt).toBe(at(2 * HOUR));
  });

  it("what time has widened stays widened, where the new requirement would widen it too", () => {
    const data = slot(DATA, 1, [{ afterSeconds: 3600, to: ONCALL }]);
    const waiting = open(opening(reviewing({ slots: [data] }))).state;
    const escalated = reached(waiting, [tick, at(HOUR)], [says("approve", "person:eli", at(HOUR)), at(HOUR)]);
    const more = refused(escalated, { evaluation: reviewing({ slots: [slot(SECURITY), data] }) }, at(HOUR + 1));
    expect(more.state.widened).toEqual([[], [ONCALL]]);
    expect(more.happened[1]?.data).toMatchObject({ missing: [{ from: SECURITY, missing: 1 }] });
    const narrow = refused(escalated, { evaluation: reviewing({ slots: [slot(DATA)] }) }, at(HOUR + 1));
    expect(narrow.state).toMatchObject({ phase: "pending", widened: [[]] });
  });

  it("an allowed request that now needs people gives them the whole timeout", () => {
    const back = refused(open(opening(allowing())).state, { evaluation: reviewing() }, at(600_000));
    expect(back.state).toMatchObject({ phase: "pending", deadlineAt: at(600_000 + 4 * HOUR) });
  });

  it("ends denied with the gate's code", () => {
    const denied = refused(starting(), { disposition: "denied", code: "ADMIN_FROZEN", detail: "incident 7" });
    expect(denied.state.outcome).toMatchObject({
      status: "denied",
      decidedBy: "gate",
      reasons: [{ code: "ADMIN_FROZEN", note: "incident 7" }],
    });
  });

  it("ends expired with the gate's code", () => {
    const expired = refused(starting(), { disposition: "expired", code: "TIME_NOT_STARTED" });
    expect(expired.state.outcome).toMatchObject({ status: "expired", reasons: [{ code: "TIME_NOT_STARTED" }] });
  });

  it("a policy that denies now ends it denied", () => {
    const denied = refused(starting(), { evaluation: reviewing({}, { outcome: "deny", requirement: null }) });
    expect(denied.state.outcome).toMatchObject({ status: "denied", decidedBy: "policy" });
  });

  it("a refusal of an earlier attempt is ignored", () => {
    const state = reached(
      starting(),
      [refusedByGate(1, stricter()), when],
      [says("approve", "person:cas", when), when],
    );
    expect(state.attempt).toBe(2);
    expect(step(state, refusedByGate(1, { disposition: "denied" }), when)).toMatchObject({ state, happened: [] });
  });

  it("sends it back at most three times", () => {
    let state = starting();
    for (let round = 1; round <= LIMITS.gateRounds; round += 1) {
      state = refused(state, { evaluation: reviewing() }).state;
      expect(state).toMatchObject({ phase: "starting", rounds: round, attempt: round + 1 });
    }
    const last = refused(state, { evaluation: reviewing() });
    expect(last.state.outcome).toMatchObject({ status: "denied", decidedBy: "gate" });
    expect(last.state.outcome?.reasons[0]?.code).toBe("EXEC_ROUNDS_EXHAUSTED");
  });

  it("does not start the same attempt again when nothing new was said", () => {
    const denied = refused(starting(), { code: "EXEC_NOT_APPROVED" });
    expect(denied.state.outcome).toMatchObject({ status: "denied", reasons: [{ code: "EXEC_NOT_APPROVED" }] });
    expect(denied.effects).toEqual([]);
  });

  it("an answer of somebody who has left sends it back to people", () => {
    const roster = opening().roster.filter((one) => one.person !== "person:ana");
    const back = refused(starting(), { code: "EXEC_NOT_APPROVED", roster });
    expect(back.state.phase).toBe("pending");
    expect(back.effects).toEqual([]);
  });

  it("a refusal after a claim was seen is not believed: the end is unknown", () => {
    const claimed = { ...starting(), claimSeen: true };
    const ended = refused(claimed, { disposition: "denied" });
    expect(ended.state.outcome).toMatchObject({ status: "unknown", report: { code: "EXEC_UNKNOWN" } });
  });

  it.each(["pending", "held", "settling", "ended"] as const)("changes nothing while %s", (phase) => {
    const state: Deliberation = { ...starting(), phase };
    expect(step(state, refusedByGate(1, stricter()), when)).toMatchObject({ state, effects: [], happened: [] });
  });
});
