// `npm start`: gets what is missing, then hands over to cli/dev/main.ts.
import { join } from "node:path";
import { installIfNeeded, root, runInForeground } from "./bundled-node.js";

installIfNeeded();
runInForeground([join(root, "cli", "dev", "main.ts"), ...process.argv.slice(2)]);
