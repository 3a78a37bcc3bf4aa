import { parseArgs } from "node:util";
import * as core from "../../../core/deliberation.ts";
import { explore } from "./explore.ts";
import { WORLDS } from "./worlds.ts";

/** `npm run explore -- --depth N`: as deep as there is time and memory for. Exits 1 at a breach, and says how to get there. */
const { values } = parseArgs({ options: { depth: { type: "string" }, world: { type: "string" } } });
for (const world of WORLDS.filter(({ name }) => name.includes(values.world ?? ""))) {
  const startedAt = performance.now();
  const found = explore(core, world, values.depth === undefined ? world.depth : Number(values.depth));
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const { name } = world;
  process.stdout.write(
    `${name}, depth ${found.depth}: ${found.states} states, ${found.transitions} transitions, ${found.pairs} pairs, ${seconds} s\n`,
  );
  process.stdout.write(`  ${JSON.stringify(found.phases)}\n`);
  if (found.breach) {
    process.stdout.write(`  BROKEN: ${found.breach.law}\n${found.breach.way.map((one) => `    ${one}\n`).join("")}`);
    process.exitCode = 1;
  }
}
