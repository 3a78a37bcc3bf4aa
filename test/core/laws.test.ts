import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { open, step, TRANSITIONS, wakeAt } from "../../core/deliberation.ts";
import type { Deliberation, DeliberationEvent, Opening, Step } from "../../core/deliberation-types.ts";
import { excludedPeople } from "../../core/eligibility.ts";
import { VERBS } from "../../core/message.ts";
import type { Instant } from "../../core/principal.ts";
import { isMet } from "../../core/quorum.ts";
import { anyDay, anyOpening, type Happens } from "./arbitrary.ts";

type Move = { before: Deliberation; event: DeliberationEvent; now: Instant; result: Step };

/** Every move of one random day. */
function movesOf(from: Opening, day: Happens[]): Move[] {
  let state = open(from).state;
  let now = from.openedAt;
  return day.map(({ event, waitMs }) => {
    now += waitMs;
    const signed = "message" in event ? { ...event, message: { ...event.message, signedAt: now } } : event;
    const move = { before: state, event: signed, now, result: step(state, signed, now) };
    state = move.result.state;
    return move;
  });
}

const days = fc.tuple(anyOpening, anyDay);

function always(law: (move: Move) => void): void {
  fc.assert(
    fc.property(days, ([from, day]) => {
      for (const move of movesOf(from, day)) law(move);
    }),
    { numRuns: 400 },
  );
}

const starts = ({ result }: Move) => result.effects.filter((effect) => effect.kind === "start");

describe("whatever happens", () => {
  it("nothing starts without an allow or a requirement met by people who may answer", () => {
    let seen = 0;
    always((move) => {
      if (starts(move).length === 0) return;
      seen += 1;
      const { requirement, widened, reviews, parties } = move.result.state;
      if (requirement) expect(isMet(requirement, widened, reviews, excludedPeople(parties))).toBe(true);
      else expect(move.result.state.reasons[0]?.code).toBe("LOW_RISK_READ");
    });
    expect(seen).toBeGreaterThan(20);
  });

  it("owner, requester and the one it is for never have a review in it", () => {
    always(({ result }) => {
      const excluded = excludedPeople(result.state.parties);
      expect(result.state.reviews.filter((review) => excluded.includes(review.person))).toEqual([]);
    });
  });

  it("a person has one answer", () => {
    always(({ result }) => {
      const people = result.state.reviews.map((review) => review.person);
      expect(new Set(people).size).toBe(people.length);
    });
  });

  it("ended stays ended", () => {
    let seen = 0;
    always(({ before, result }) => {
      if (before.phase !== "ended") return;
      seen += 1;
      expect(result.state.phase).toBe("ended");
      expect(result.state.outcome).toEqual(before.outcome);
      expect(result.effects).toEqual([]);
    });
    expect(seen).toBeGreaterThan(20);
  });

  it("an outcome is there exactly when it has ended", () => {
    always(({ result }) => expect(result.state.outcome !== null).toBe(result.state.phase === "ended"));
  });

  it("a message that is not recorded changes nothing", () => {
    always(({ before, event, result }) => {
      if ("message" in event && result.answer?.recorded === false) expect(result.state).toBe(before);
    });
  });

  it("every message is answered at once, or when its attempt is settled", () => {
    always(({ event, result }) => {
      if ("message" in event) expect(result.answer === null).toBe(result.effects.some((one) => one.kind === "settle"));
    });
  });

  it("settling begins with the settle effect and nothing else begins it", () => {
    always(({ before, result }) => {
      const entered = before.phase !== "settling" && result.state.phase === "settling";
      expect(result.effects.some((effect) => effect.kind === "settle")).toBe(entered);
    });
  });

  it("after a tick the next wake-up lies ahead", () => {
    always(({ event, now, result }) => {
      const next = wakeAt(result.state);
      if (event.kind === "tick" && next !== null) expect(next).toBeGreaterThan(now);
    });
  });

  it("between ticks the next wake-up is due or lies ahead, and leads somewhere", () => {
    always(({ result }) => {
      let { state } = result;
      for (let ticks = 0, due = wakeAt(state); due !== null; due = wakeAt(state), ticks += 1) {
        expect(ticks).toBeLessThan(50);
        state = step(state, { kind: "tick" }, due).state;
      }
      expect(["settling", "ended"].includes(state.phase) || state.claimSeen).toBe(true);
    });
  });

  it("the deadline moves later only by an extension, a release, or a first question to people", () => {
    always(({ before, event, result }) => {
      if (before.deadlineAt === null || event.kind === "extend" || event.kind === "release") return;
      if (before.requirement === null) return;
      expect(result.state.deadlineAt ?? 0).toBeLessThanOrEqual(before.deadlineAt);
    });
  });

  it("each start is a new attempt, one more than the last", () => {
    always((move) => {
      expect(move.result.state.attempt).toBe(move.before.attempt + starts(move).length);
      for (const effect of starts(move)) expect(effect.attempt).toBe(move.result.state.attempt);
    });
  });

  it("an attempt that is started has somewhere to expire, and people are never asked without a deadline", () => {
    always(({ result: { state } }) => {
      if (state.phase === "starting") expect(state.executeBy).not.toBeNull();
      if (state.phase === "pending") expect(state.deadlineAt).not.toBeNull();
      if (state.phase === "held") expect(state.hold).not.toBeNull();
    });
  });

  it("state survives storage: the same event gives the same step", () => {
    always(({ before, event, now, result }) => {
      const stored: Deliberation = JSON.parse(JSON.stringify(before));
      expect(step(stored, event, now)).toEqual(result);
    });
  });
});

describe("time alone", () => {
  it("never approves", () => {
    fc.assert(
      fc.property(anyOpening, fc.array(fc.integer({ min: 0, max: 4_000_000 }), { maxLength: 20 }), (from, waits) => {
        fc.pre(from.evaluation.outcome === "review");
        const day = waits.map((waitMs): Happens => ({ event: { kind: "tick" }, waitMs }));
        for (const move of movesOf(from, day)) {
          expect(move.result.effects).toEqual([]);
          expect(["pending", "ended"]).toContain(move.result.state.phase);
        }
      }),
    );
  });
});

describe("the order of approvals", () => {
  it("changes nothing", () => {
    const approvals = anyDay.map((events) =>
      events.flatMap(({ event }) => ("message" in event && event.kind === "approve" ? [event] : [])),
    );
    const orders = approvals.chain((one) =>
      fc.tuple(fc.constant(one), fc.shuffledSubarray(one, { minLength: one.length })),
    );
    fc.assert(
      fc.property(anyOpening, orders, (from, [one, other]) => {
        const roster = from.roster;
        const end = (events: typeof one) =>
          movesOf(
            from,
            events.map((event) => ({ event: { ...event, roster }, waitMs: 0 })),
          ).at(-1)?.result.state;
        const people = (state: Deliberation | undefined) => state?.reviews.map((review) => review.person).sort();
        expect(end(other)?.phase).toBe(end(one)?.phase);
        expect(people(end(other))).toEqual(people(end(one)));
      }),
    );
  });
});

describe("the table", () => {
  it("has no cell that random days do not reach", () => {
    const reached = new Set<string>();
    const visit = ([from, day]: [Opening, Happens[]]) => {
      for (const { before, event } of movesOf(from, day)) reached.add(`${before.phase} ${event.kind}`);
    };
    fc.assert(fc.property(days, visit), { numRuns: 3000, seed: 1 });
    const cells = Object.entries(TRANSITIONS).flatMap(([phase, of]) =>
      Object.keys(of).map((kind) => `${phase} ${kind}`),
    );
    expect([...reached].sort()).toEqual(cells.sort());
  });

  it("says for every phase and every event what it does", () => {
    const kinds = [...VERBS, "tick", "cancelled", "settled", "gateRefused", "executed"].sort();
    for (const cells of Object.values(TRANSITIONS)) {
      expect(Object.keys(cells).sort()).toEqual(kinds);
      for (const cell of Object.values(cells)) expect(cell.does).toMatch(/^[A-Z].*\.$/);
    }
  });
});
