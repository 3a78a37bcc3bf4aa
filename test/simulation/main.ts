import { parseArgs } from "node:util";
import { series } from "./series.ts";
import { WEAKNESSES } from "./weaknesses.ts";

/** `npm run simulate -- --requests N --seed S`. Exits 1 at a broken law, and tells the shortest history that breaks it. */
const { values } = parseArgs({
  options: {
    requests: { type: "string", default: "20000" },
    seed: { type: "string", default: "1" },
    weakness: { type: "string" },
  },
});
const weakness = WEAKNESSES.find((one) => one === values.weakness) ?? null;
const startedAt = performance.now();
const { failure, statuses, ...sum } = series(Number(values.seed), Number(values.requests), weakness);
const seconds = (performance.now() - startedAt) / 1000;
process.stdout.write(
  `${sum.requests} requests from seed ${values.seed}, ${sum.messages} messages, ${sum.faults} faults, ${sum.claims} claims, ` +
    `${seconds.toFixed(1)} s: ${Math.round(sum.requests / seconds)} a second\n${JSON.stringify(statuses)}\n`,
);
if (failure) {
  process.stdout.write(`seed ${failure.seed}: ${failure.law}\n${failure.story.map((line) => `  ${line}\n`).join("")}`);
  process.exitCode = 1;
}
