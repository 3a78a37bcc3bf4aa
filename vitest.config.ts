import { defineConfig } from "vitest/config";

/**
 * Two suites. `npm test` is what a change is tried with; `npm run test:fire` is the same product under kills,
 * intruders and exhaustive search, which takes longer. CI runs both.
 */
const FIRE = [
  "test/core/explore.test.ts",
  "test/simulation.test.ts",
  "test/storm/storm.test.ts",
  "test/intruders/**/*.test.ts",
  "test/e2e/bad-days*.test.ts",
  "test/e2e/slack-flood.test.ts",
];
const fire = process.env.COUNTERSIGN_SUITE === "fire";

export default defineConfig({
  test: {
    include: fire ? FIRE : ["test/**/*.test.ts"],
    exclude: ["**/node_modules/**", ...(fire ? [] : FIRE)],
    globalSetup: ["test/support/global-setup.ts"],
    pool: "forks",
    // Two files at a time: each has processes of its own beside it, and the machines it is meant for have two cores.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
