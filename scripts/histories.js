// Records the histories that test/replay replays, from real runs of the end-to-end tests.
import { spawnSync } from "node:child_process";

const { status } = spawnSync(process.execPath, ["scripts/test.js", "test/e2e"], {
  stdio: "inherit",
  env: { ...process.env, COUNTERSIGN_RECORD_HISTORIES: "1" },
});
process.exitCode = status ?? 1;
