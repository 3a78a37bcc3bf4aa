// `npm test`: gets what is missing, then runs every test; arguments go to vitest.
import { join } from "node:path";
import { installIfNeeded, root, runInForeground } from "./bundled-node.js";

installIfNeeded();
runInForeground([join(root, "node_modules", "vitest", "vitest.mjs"), "run", ...process.argv.slice(2)]);
