import { Client, Connection } from "@temporalio/client";
import { LIMITS } from "../../core/limits.ts";
import { type Keyring, loadKeyring } from "../../crypto/keyring.ts";
import { keyIdOf } from "../../crypto/payload-codec.ts";
import { failureOf } from "../failure.ts";
import { type Finding, notChecked, ok, type Surroundings, wrong } from "./check.ts";

/** Can the keyring open what the requests that are open now were started with? */
export async function checkPayloadKeys({
  temporal,
  payloadKeyringFile,
}: Pick<Surroundings, "temporal" | "payloadKeyringFile">): Promise<Finding[]> {
  const check = "payload keys";
  if (temporal === null || payloadKeyringFile === null) {
    return [notChecked(check, "set COUNTERSIGN_TEMPORAL_ADDRESS and COUNTERSIGN_PAYLOAD_KEYRING_FILE")];
  }
  let connection: Connection | null = null;
  try {
    const keyring = loadKeyring(payloadKeyringFile);
    connection = await Connection.connect({ address: temporal.address, connectTimeout: 3_000 });
    const used = await keysInUse(connection, temporal.namespace);
    return findings(check, used, keyring);
  } catch (error) {
    return [notChecked(check, failureOf(error).message)];
  } finally {
    await connection?.close();
  }
}

type Used = { looked: number; byKey: Map<string, number> };

async function keysInUse(connection: Connection, namespace: string): Promise<Used> {
  const client = new Client({ connection, namespace });
  const used: Used = { looked: 0, byKey: new Map() };
  const query = "WorkflowType = 'privilegedAction' and ExecutionStatus = 'Running'";
  for await (const { workflowId, runId } of client.workflow.list({ query })) {
    if (used.looked >= LIMITS.doctorRequests) break;
    used.looked += 1;
    const { history } = await connection.workflowService.getWorkflowExecutionHistory({
      ...{ namespace, execution: { workflowId, runId }, maximumPageSize: 1 },
    });
    const [argument] = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
    const id = argument === undefined ? null : keyIdOf({ metadata: argument.metadata ?? null });
    if (id !== null) used.byKey.set(id, (used.byKey.get(id) ?? 0) + 1);
  }
  return used;
}

function findings(check: string, { looked, byKey }: Used, keyring: Keyring): Finding[] {
  const missing = [...byKey].filter(([id]) => keyring.find(id) === null && !keyring.isForeign(id));
  if (missing.length === 0) return [ok(check, `every key of ${looked} open requests is in the keyring`)];
  const fix = "Put the key back from its copy and start the workflow worker again; the requests wait for it.";
  return missing.map(([id, count]) =>
    wrong(check, `${count} open requests wait for the key ${JSON.stringify(id.slice(0, 64))}`, fix),
  );
}
