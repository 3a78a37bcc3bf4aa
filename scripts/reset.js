// `npm run reset`: forgets everything that `npm start` keeps in this clone.
import { join } from "node:path";
import { installIfNeeded, root, runInForeground } from "./bundled-node.js";

installIfNeeded();
runInForeground([join(root, "cli", "dev", "reset.ts"), ...process.argv.slice(2)]);
