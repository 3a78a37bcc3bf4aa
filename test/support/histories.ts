import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Connection } from "@temporalio/client";
import { historyToJSON } from "@temporalio/common/lib/proto-utils.js";
import type { Stack } from "./stack.ts";

const FOLDER = new URL("../fixtures/histories/", import.meta.url);

/** Payload keys of the recorded histories; they open nothing else. */
export const HISTORY_KEYRING = fileURLToPath(new URL("keyring.json", FOLDER));

export type RecordedHistory = { name: string; workflowId: string; history: unknown };

/** Every path of the workflow as it once ran, by name. */
export function recordedHistories(): RecordedHistory[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith(".json") && file !== "keyring.json")
    .sort()
    .map((file) => JSON.parse(readFileSync(new URL(file, FOLDER), "utf8")) as RecordedHistory);
}

/** Keeps the history of a request as a fixture; only where a test run is asked to (`npm run histories`). */
export async function recordHistory(stack: Stack, name: string, workflowId: string): Promise<void> {
  if (process.env.COUNTERSIGN_RECORD_HISTORIES !== "1") return;
  const history = await fetchHistory(stack.temporalAddress, stack.namespace, workflowId);
  writeFileSync(new URL(`${name}.json`, FOLDER), `${JSON.stringify({ name, workflowId, history })}\n`);
}

/** The history as Temporal has it now, in the form replay takes. */
export async function fetchHistory(address: string, namespace: string, workflowId: string): Promise<unknown> {
  const connection = await Connection.connect({ address });
  try {
    const { history } = await connection.workflowService.getWorkflowExecutionHistory({
      namespace,
      execution: { workflowId },
      maximumPageSize: 10_000,
    });
    if (!history) throw new Error(`${workflowId} has no history`);
    return JSON.parse(historyToJSON(history));
  } finally {
    await connection.close();
  }
}
