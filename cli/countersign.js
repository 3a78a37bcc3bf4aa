#!/usr/bin/env node
// TypeScript runs unbuilt from Node 22.18; an older Node hands over to the one that came with the dependencies.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major > 22 || (major === 22 && minor >= 18)) {
  await import("./main.ts").then(({ main }) => main(process.argv));
} else {
  const node = fileURLToPath(
    new URL(
      process.platform === "win32" ? "../node_modules/.bin/node.cmd" : "../node_modules/.bin/node",
      import.meta.url,
    ),
  );
  if (!existsSync(node)) {
    process.stderr.write("countersign needs Node 22.18 or later; run `npm ci` in the clone to get one beside it.\n");
    process.exit(2);
  }
  const child = spawn(node, [fileURLToPath(new URL("./main.ts", import.meta.url)), ...process.argv.slice(2)], {
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
}
