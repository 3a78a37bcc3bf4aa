import { fileURLToPath } from "node:url";
import { bundleWorkflowCode, Worker } from "@temporalio/worker";
import { describe, expect, test } from "vitest";
import { FAILURE_CONVERTER_PATH, workflowDataConverter } from "../../config/temporal.ts";
import { workflowBundle } from "../../worker/bundle.ts";
import { HISTORY_KEYRING, type RecordedHistory, recordedHistories } from "../support/histories.ts";

/** Every way a request can go. A new path brings its recorded history with it. */
const PATHS = [
  "allowed",
  "approved",
  "denied",
  "denied-by-policy",
  "escalated",
  "expired",
  "failed",
  "gate-refused",
  "gate-refused-and-closed",
  "held-and-released",
  "unknown",
  "withdrawn",
];

const missing: string[] = [];
const dataConverter = workflowDataConverter({ payloadKeyringFile: HISTORY_KEYRING }, ({ detail }) =>
  missing.push(detail),
);

async function replayed(workflowBundleOption: { codePath: string } | { code: string }, histories: RecordedHistory[]) {
  const results: Record<string, string> = {};
  const options = { workflowBundle: workflowBundleOption, dataConverter };
  const given = histories.map(({ workflowId, history }) => ({ workflowId, history }));
  for await (const result of Worker.runReplayHistories(options, given)) {
    results[result.workflowId] = result.error ? `${result.error.name}: ${result.error.message}` : "same";
  }
  return results;
}

describe("histories recorded from real runs", () => {
  const histories = recordedHistories();

  test("there is one of every path", () => {
    expect(histories.map(({ name }) => name).sort()).toEqual(PATHS);
  });

  test("each of them replays with today's code, command for command", async () => {
    const results = await replayed(await workflowBundle(), histories);
    expect(results).toEqual(Object.fromEntries(histories.map(({ workflowId }) => [workflowId, "same"])));
  });

  test("code that does something else is caught", async () => {
    const workflowsPath = fileURLToPath(new URL("../fixtures/changed-workflow/workflows.ts", import.meta.url));
    const silent = () => undefined;
    const logger = { log: silent, trace: silent, debug: silent, info: silent, warn: silent, error: silent };
    const changed = await bundleWorkflowCode({ workflowsPath, failureConverterPath: FAILURE_CONVERTER_PATH, logger });
    const results = await replayed(changed, histories.slice(0, 1));
    expect(Object.values(results)[0]).toContain("DeterminismViolation");
  });
});
