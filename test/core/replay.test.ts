import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { open, step, wakeAt } from "../../core/deliberation.ts";
import type { AdmittedMessage, Deliberation, Opening } from "../../core/deliberation-types.ts";
import type { Instant } from "../../core/principal.ts";
import { type ReplayedMessage, replay } from "../../core/replay.ts";
import { anyProperMessage, anyRequirement } from "./arbitrary.ts";
import { allowing, at, DATA, HOUR, ONCALL, opening, ROSTER, reviewing, SECURITY, says, slot } from "./fixture.ts";

const never = () => false;
function took(when: Instant, ...[verb, by, signedAt, tweak]: Parameters<typeof says>): ReplayedMessage {
  return { message: says(verb, by, signedAt, tweak).message, roster: ROSTER, at: when };
}
const said = (...[verb, by, when, tweak]: Parameters<typeof says>) => took(when, verb, by, when, tweak);
const both = opening(reviewing({ slots: [slot(DATA), slot(SECURITY)] }));

describe("replay", () => {
  it("approvals under an older, weaker requirement and later ones add up under the current one", () => {
    const messages = [said("approve", "person:ana", at(1000)), said("approve", "person:cas", at(HOUR))];
    const state = replay(both, messages, at(HOUR + 1), never);
    expect(state).toMatchObject({ phase: "starting", metAt: at(HOUR), executeBy: at(HOUR + 900_000) });
  });

  it("does not start while the current requirement misses somebody", () => {
    expect(replay(both, [said("approve", "person:ana", at(1000))], at(2000), never).phase).toBe("pending");
    expect(replay(both, [], at(2000), never).phase).toBe("pending");
  });

  it("an approval that has run out is expired", () => {
    const state = replay(opening(), [said("approve", "person:ana", at(1000))], at(1000 + 900_000), never);
    expect(state.outcome).toMatchObject({ status: "expired", reasons: [{ code: "TIME_NOT_STARTED" }] });
  });

  it("an answer signed before the deadline counts, however late it was read", () => {
    const late = took(at(6 * HOUR), "approve", "person:ana", at(4 * HOUR) - 1);
    expect(replay(opening(), [late], at(6 * HOUR), never)).toMatchObject({ phase: "starting", metAt: at(6 * HOUR) });
    const later = took(at(6 * HOUR), "approve", "person:ana", at(4 * HOUR) + 5001);
    expect(replay(opening(), [later], at(6 * HOUR), never).outcome?.status).toBe("expired");
  });

  it("a withdrawal read after the deadline is a withdrawal", () => {
    const late = took(at(6 * HOUR), "withdraw", "agent:etl", at(5 * HOUR));
    expect(replay(opening(), [late], at(6 * HOUR), never).outcome?.status).toBe("withdrawn");
  });

  it("an approval on other facts counts only if it still holds on these", () => {
    const messages = [said("approve", "person:ana", at(1000), { factsDigest: "sha256:shown" })];
    expect(replay(opening(), messages, at(2000), never).phase).toBe("pending");
    expect(replay(opening(), messages, at(2000), (shown) => shown === "sha256:shown").phase).toBe("starting");
  });

  it("somebody who has left the directory no longer counts", () => {
    const [ana, cas] = [said("approve", "person:ana", at(1000)), said("approve", "person:cas", at(2000))];
    const left = ROSTER.filter((one) => one.person !== "person:ana");
    expect(replay(both, [ana, { ...cas, roster: left }], at(3000), never).phase).toBe("pending");
  });

  it("a hold, a denial and a withdrawal are seen, whatever else was said", () => {
    const ana = said("approve", "person:ana", at(1000));
    const flagged = replay(opening(), [ana, said("flag", "person:ben", at(2000))], at(3000), never);
    expect(flagged.phase).toBe("held");
    const denied = replay(opening(), [ana, said("deny", "person:ben", at(2000))], at(3000), never);
    expect(denied.outcome?.status).toBe("denied");
    const withdrawn = replay(opening(), [ana, said("withdraw", "agent:etl", at(2000))], at(3000), never);
    expect(withdrawn.outcome?.status).toBe("withdrawn");
  });

  it("widens a slot when its time came, so that the answer of an escalation counts", () => {
    const widening = opening(reviewing({ slots: [slot(DATA, 1, [{ afterSeconds: 3600, to: ONCALL }])] }));
    expect(replay(widening, [said("approve", "person:eli", at(HOUR))], at(HOUR), never).phase).toBe("starting");
    expect(replay(widening, [said("approve", "person:eli", at(HOUR) - 1)], at(HOUR), never).phase).toBe("pending");
  });

  it("who was asked again by a gate approved when they last said so", () => {
    const messages = [said("approve", "person:ana", at(1000)), said("approve", "person:ana", at(HOUR))];
    expect(replay(opening(), messages, at(HOUR + 1), never)).toMatchObject({ phase: "starting", metAt: at(HOUR) });
  });

  it("what the policy has come to allow may start within its time after people's last word", () => {
    const messages = [said("approve", "person:ana", at(HOUR))];
    expect(replay(opening(allowing()), messages, at(HOUR + 1), never).phase).toBe("starting");
    expect(replay(opening(allowing()), [], at(HOUR), never).outcome?.status).toBe("expired");
  });

  it("never goes back in time", () => {
    const messages = [said("approve", "person:cas", at(HOUR)), said("approve", "person:ana", at(1000))];
    expect(replay(both, messages, at(HOUR + 1), never)).toMatchObject({ phase: "starting", metAt: at(HOUR) });
  });
});

type Told = { message: AdmittedMessage; waitMs: number };
const told = fc
  .array(fc.record({ message: anyProperMessage, waitMs: fc.constantFrom(1, 1000, 20_000, 61_000, 600_000) }), {
    maxLength: 10,
  })
  .map((all) => all.filter(firstApproval));

/** A second approval during a start moves the start only in a replay, where a gate may have asked for it. */
function firstApproval({ message }: Told, index: number, all: Told[]): boolean {
  if (message.verb !== "approve") return true;
  const first = all.findIndex((one) => one.message.verb === "approve" && one.message.by === message.by);
  return first === index;
}

describe("replay laws", () => {
  it("agrees with a worker that was always there", () => {
    const phases = new Set<string>();
    fc.assert(
      fc.property(anyRequirement, told, (requirement, messages) => {
        const from = opening(reviewing(requirement));
        const live = lived(from, messages, 0);
        expect(decisionOf(replay(from, live.taken, live.now, never))).toEqual(decisionOf(live.state));
        phases.add(live.state.phase);
      }),
      { numRuns: 1000 },
    );
    expect([...phases].sort()).toEqual(["ended", "held", "pending", "starting"]);
  });

  it("agrees with a worker that was down for a while, unless that made time run out", () => {
    const phases = new Set<string>();
    fc.assert(
      fc.property(anyRequirement, told, fc.integer({ min: 1, max: 700_000 }), (requirement, messages, downMs) => {
        const from = opening(reviewing(requirement));
        const live = lived(from, messages, downMs);
        if (live.state.outcome?.status === "expired") return;
        const { phase, outcome, metAt, executeBy } = live.state;
        const replayed = replay(from, live.taken, live.now, never);
        expect(replayed).toMatchObject({ phase, outcome });
        if (phase === "starting") expect(replayed).toMatchObject({ metAt, executeBy });
        phases.add(live.state.phase);
      }),
      { numRuns: 1000 },
    );
    expect([...phases].sort()).toEqual(["ended", "held", "pending", "starting"]);
  });
});

function decisionOf({ phase, outcome, metAt, executeBy, reviews, deadlineAt, hold, flags }: Deliberation) {
  return { phase, outcome, metAt, executeBy, reviews, deadlineAt, hold, flags };
}

/**
 * A worker's day: it reads messages and ticks in time, but is down for a while after the first
 * message, and then empties its inbox before the ticks that came due. Every settlement is won.
 */
function lived(
  from: Opening,
  messages: Told[],
  downMs: number,
): { state: Deliberation; taken: ReplayedMessage[]; now: Instant } {
  const taken: ReplayedMessage[] = [];
  let state = open(from).state;
  let signedAt = from.openedAt;
  let up = from.openedAt;
  let clock = from.openedAt;
  for (const [index, { message, waitMs }] of messages.entries()) {
    signedAt += waitMs;
    const now = Math.max(signedAt, up);
    state = ticksUntil(state, clock, now === signedAt ? signedAt : up - downMs);
    clock = now;
    const signed = { ...message, signedAt };
    const before = state.seen.length;
    state = settle(step(state, { kind: signed.verb, message: signed, roster: ROSTER }, now).state, now);
    if (state.seen.length > before) taken.push({ message: signed, roster: ROSTER, at: now });
    if (index === 0) up = now + downMs;
  }
  const now = Math.max(signedAt, up);
  return { state: ticksUntil(state, clock, now), taken, now };
}

function ticksUntil(from: Deliberation, since: Instant, until: Instant): Deliberation {
  let state = from;
  for (let due = wakeAt(state); due !== null && due <= until; due = wakeAt(state)) {
    const now = Math.max(since, due);
    state = settle(step(state, { kind: "tick" }, now).state, now);
  }
  return state;
}

function settle(state: Deliberation, now: Instant): Deliberation {
  return state.phase === "settling" ? step(state, { kind: "settled", settlement: { won: true } }, now).state : state;
}
