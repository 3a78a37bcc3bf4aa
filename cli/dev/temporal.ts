import { Connection } from "@temporalio/client";
import { SEARCH_ATTRIBUTES } from "../../core/search-attributes.ts";
import { type Child, startChild, waitUntil } from "./child.ts";

export type TemporalOptions = {
  binary: string;
  port: number;
  namespace: string;
  logFile: string;
  pidDirectory: string;
  /** null: kept in memory, gone with the process. */
  database: string | null;
  /** null: no web interface. */
  ui: { port: number; codecEndpoint: string | null } | null;
  signal?: AbortSignal;
};
export type Temporal = { child: Child; address: string };

/** As the server's command line spells them. */
const TYPES = { KEYWORD: "Keyword", KEYWORD_LIST: "KeywordList", DATETIME: "Datetime", INT: "Int" } as const;
const START_MS = 30_000;

export async function startTemporal(options: TemporalOptions): Promise<Temporal> {
  const address = `127.0.0.1:${options.port}`;
  const child = await startChild({
    name: "temporal",
    command: options.binary,
    args: serverArguments(options),
    env: { PATH: process.env.PATH, HOME: process.env.HOME },
    cwd: process.cwd(),
    logFile: options.logFile,
    pidDirectory: options.pidDirectory,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    marker: `start-dev --ip 127.0.0.1 --port ${options.port} `,
  });
  try {
    await waitUntil(child, () => temporalAnswers(address, options.namespace), START_MS);
  } catch (error) {
    await child.stop();
    throw error;
  }
  return { child, address };
}

/** Answers, and knows the namespace. */
export async function temporalAnswers(address: string, namespace: string): Promise<boolean> {
  let connection: Connection | null = null;
  try {
    connection = await Connection.connect({ address, connectTimeout: 1_000 });
    await connection.workflowService.describeNamespace({ namespace });
    return true;
  } catch {
    return false;
  } finally {
    await connection?.close();
  }
}

function serverArguments(options: TemporalOptions): string[] {
  return [
    ...["server", "start-dev", "--ip", "127.0.0.1", "--port", String(options.port)],
    ...["--namespace", options.namespace, "--log-level", "warn", "--log-format", "text"],
    ...(options.database === null ? [] : ["--db-filename", options.database]),
    ...interfaceArguments(options.ui),
    // Registered before any worker starts: an unknown attribute fails a workflow's task for ever.
    ...Object.values(SEARCH_ATTRIBUTES).flatMap(({ name, type }) => ["--search-attribute", `${name}=${TYPES[type]}`]),
    // One partition: on a single node more of them only make workers wait for each other.
    ...["Read", "Write"].flatMap((way) => ["--dynamic-config-value", `matching.numTaskqueue${way}Partitions=1`]),
  ];
}

function interfaceArguments(ui: TemporalOptions["ui"]): string[] {
  if (ui === null) return ["--headless"];
  const codec = ui.codecEndpoint === null ? [] : ["--ui-codec-endpoint", ui.codecEndpoint];
  return ["--ui-ip", "127.0.0.1", "--ui-port", String(ui.port), "--ui-disable-news-fetch", ...codec];
}
