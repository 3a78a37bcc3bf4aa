import { describe, expect, it } from "vitest";
import { planOf } from "./simulation/plan.ts";
import { series } from "./simulation/series.ts";
import { simulate } from "./simulation/simulate.ts";
import { WEAKNESSES } from "./simulation/weaknesses.ts";

const REQUESTS = 12_000;
const SEED = 1;

describe("requests in virtual time, with duplicates, delays, losses, crashes and resets", () => {
  const sum = series(SEED, REQUESTS);

  it("start only with their requirement met, at most once, lose nothing, and end", () => {
    process.stdout.write(
      `${sum.requests} requests from seed ${SEED}, ${sum.faults} faults: ${JSON.stringify(sum.statuses)}\n`,
    );
    if (sum.failure) process.stdout.write(`seed ${sum.failure.seed}\n${sum.failure.story.join("\n")}\n`);
    expect(sum.failure?.law).toBeUndefined();
    expect(sum.requests).toBe(REQUESTS);
  });

  it("end in every way there is", () => {
    expect(Object.keys(sum.statuses).sort()).toEqual(["denied", "expired", "succeeded", "unknown", "withdrawn"]);
    expect(sum.faults).toBeGreaterThan(REQUESTS);
  });

  it("tell the same story for the same seed", () => {
    expect(simulate(planOf(7)).story).toEqual(simulate(planOf(7)).story);
  });
});

describe("machinery that is weak on purpose is found out", () => {
  it.each(WEAKNESSES)("%s", (weakness) => {
    const { failure } = series(SEED, REQUESTS, weakness);
    process.stdout.write(`${weakness} → seed ${failure?.seed}: ${failure?.law}\n`);
    expect(failure).not.toBeNull();
    // What is told is a history that still fails, and nothing in it can be left out.
    const { plan, law } = failure ?? { plan: planOf(SEED), law: "" };
    expect(simulate(plan, weakness).breaches).toContain(law);
    for (const list of ["acts", "faults"] as const) {
      for (const index of plan[list].keys()) {
        const smaller = { ...plan, [list]: plan[list].filter((_, at) => at !== index) };
        expect(simulate(smaller, weakness).breaches).not.toContain(law);
      }
    }
  });
});
