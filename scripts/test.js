// `npm test`: gets what is missing, then runs the tests; `--fire` runs the longer suite instead (vitest.config.ts).
// Other arguments go to vitest.
import { join } from "node:path";
import { installIfNeeded, root, runInForeground } from "./bundled-node.js";

installIfNeeded();
const args = process.argv.slice(2);
if (args.includes("--fire")) process.env.COUNTERSIGN_SUITE = "fire";
runInForeground([join(root, "node_modules", "vitest", "vitest.mjs"), "run", ...args.filter((arg) => arg !== "--fire")]);
