import type { Client } from "@temporalio/client";

/** Events and bytes of one workflow's history, once it has closed. */
export async function historyOf(client: Client, workflowId: string): Promise<{ events: number; bytes: number }> {
  const handle = client.workflow.getHandle(workflowId);
  // What the workflow returns may be encrypted for others; that it has returned is enough.
  await handle.result().catch(() => undefined);
  const { historyLength, historySize } = await handle.describe();
  return { events: historyLength, bytes: historySize ?? 0 };
}
