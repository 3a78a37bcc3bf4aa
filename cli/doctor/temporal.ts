import { Connection, isGrpcServiceError } from "@temporalio/client";
import { SEARCH_ATTRIBUTES } from "../../core/search-attributes.ts";
import { type Finding, notChecked, ok, type Surroundings, wrong } from "./check.ts";

/** Is the workflow engine there, does it know our namespace and everything our workflows list? */
export async function checkTemporal({ temporal }: Surroundings): Promise<Finding[]> {
  if (temporal === null) return [notChecked("Temporal", "set COUNTERSIGN_TEMPORAL_ADDRESS")];
  const { address, namespace } = temporal;
  let connection: Connection;
  try {
    connection = await Connection.connect({ address, connectTimeout: 3_000 });
  } catch {
    return [wrong("Temporal", `nothing answers at ${address}`, "Start it, or correct COUNTERSIGN_TEMPORAL_ADDRESS.")];
  }
  try {
    const { serverVersion } = await connection.workflowService.getSystemInfo({});
    const found = ok("Temporal", `answers at ${address}, server ${serverVersion}`);
    return [found, ...(await checkNamespace(connection, namespace))];
  } finally {
    await connection.close();
  }
}

async function checkNamespace(connection: Connection, namespace: string): Promise<Finding[]> {
  try {
    await connection.workflowService.describeNamespace({ namespace });
  } catch (error) {
    const detail = isGrpcServiceError(error) ? error.details : String(error);
    const fix = `Create it: temporal operator namespace create --namespace ${namespace} --retention 30d`;
    return [wrong("namespace", `${namespace}: ${detail}`, fix)];
  }
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const missing = Object.values(SEARCH_ATTRIBUTES).filter(({ name }) => !(name in (customAttributes ?? {})));
  const found = ok("namespace", namespace);
  if (missing.length === 0)
    return [found, ok("search attributes", `all ${Object.keys(SEARCH_ATTRIBUTES).length} registered`)];
  const names = missing.map(({ name }) => name).join(", ");
  return [
    found,
    wrong("search attributes", `missing: ${names}`, "Start a workflow worker: it registers them before it polls."),
  ];
}
