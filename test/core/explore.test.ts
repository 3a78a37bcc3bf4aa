import { describe, expect, it } from "vitest";
import * as core from "../../core/deliberation.ts";
import { type Exploration, explore } from "./explore/explore.ts";
import { coreWith } from "./explore/patched-core.ts";
import { ANSWERS_BROKEN } from "./explore/planted-answers.ts";
import { ATTEMPTS_BROKEN } from "./explore/planted-attempts.ts";
import { CLOCK_BROKEN } from "./explore/planted-clock.ts";
import { LADDER, WORLDS } from "./explore/worlds.ts";

const PLANTED = [...ANSWERS_BROKEN, ...CLOCK_BROKEN, ...ATTEMPTS_BROKEN];
const PHASES = ["ended", "held", "pending", "settling", "starting"];

describe("every order of everything that can happen", () => {
  const explorations: Exploration[] = [];

  it.each(WORLDS)(
    "keeps every law: $name, $depth moves",
    (world) => {
      const found = explore(core, world, world.depth);
      explorations.push(found);
      const { states, transitions, pairs } = found;
      process.stdout.write(
        `${world.name}: ${states} states, ${transitions} transitions, ${pairs} pairs of approvals\n`,
      );
      expect(found.breach).toBeNull();
      expect(Object.keys(found.phases).sort()).toEqual(PHASES);
      expect(pairs).toBeGreaterThan(100);
    },
    300_000,
  );

  it("has been looked at in a million states and more", () => {
    expect(explorations.reduce((sum, { states }) => sum + states, 0)).toBeGreaterThanOrEqual(1_000_000);
  });
});

describe("a rule broken on purpose is found", () => {
  it.each(PLANTED)("$rule", async (planted) => {
    const broken = await coreWith(planted);
    const breach = LADDER.map((world) => explore(broken, world, world.depth).breach).find((one) => one !== null);
    process.stdout.write(`${planted.rule} → ${breach?.law}: ${breach?.way.join(" · ")}\n`);
    expect(breach).toBeDefined();
  });

  it("and a text that core no longer has is an error, not a pass", async () => {
    const gone = { rule: "gone", file: "quorum.ts", text: "no such line", instead: "" };
    await expect(coreWith(gone)).rejects.toThrow("0 times");
  });
});
