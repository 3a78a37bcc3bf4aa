import { mkdirSync } from "node:fs";
import { NativeConnection } from "@temporalio/worker";
import type { Logger } from "pino";
import { CATALOGUE } from "../actions/catalogue.ts";
import type { ActivityContext, ExecutorContext, InForce, WorkflowsContext } from "../activities/context.ts";
import type { Configuration } from "../config/configuration.ts";
import { createConfigurationSource } from "../config/configuration-source.ts";
import { createLog } from "../config/log.ts";
import { resolveSecret } from "../config/secrets.ts";
import type { CommonSettings, ExecutorSettings, WorkflowsSettings } from "../config/settings.ts";
import { temporalConnectionOptions } from "../config/temporal.ts";
import { digestOf } from "../crypto/digest.ts";
import { createVerifier, verifierWith } from "../crypto/signature.ts";
import { loadTrust } from "../crypto/trust-file.ts";
import { connect } from "../db/client.ts";
import { latestConfiguration } from "../db/read/configuration.ts";
import { compilePolicies } from "../policy/compile.ts";
import { vocabularyOf } from "../policy/vocabulary.ts";

export type WorkerSettings = WorkflowsSettings | ExecutorSettings;
export type WorkerContext = {
  activities: WorkflowsContext & ExecutorContext & { log: Logger };
  connection: NativeConnection;
  destroy(): Promise<void>;
};
export type SharedContext = {
  activities: ActivityContext & { log: Logger };
  connection: NativeConnection;
  destroy(): Promise<void>;
};

/** The one place where a worker's parts are put together; each role gets its own settings and secrets only. */
export async function create(settings: WorkerSettings): Promise<WorkerContext> {
  const shared = await createShared(settings);
  if (settings.role === "executor") mkdirSync(settings.exportsDirectory, { recursive: true, mode: 0o700 });
  return {
    ...shared,
    activities: {
      ...shared.activities,
      heartbeatSeconds: settings.role === "workflows" ? settings.heartbeatSeconds : 0,
      environment: settings.role === "executor" ? settings.environment : "",
      exportsDirectory: settings.role === "executor" ? settings.exportsDirectory : "",
      secret: (name) => {
        if (settings.role !== "executor") throw new Error("only an executor holds secrets of targets");
        return resolveSecret(settings, name);
      },
    },
  };
}

/** What every worker has, whatever its role. */
export async function createShared(settings: CommonSettings & { role: string }): Promise<SharedContext> {
  const log = createLog(settings);
  const db = connect(settings.databaseUrl);
  const trust = loadTrust(settings.trustFile);
  const source = createConfigurationSource({
    load: () => latestConfiguration(db),
    verifier: createVerifier(trust),
    ttlMs: CONFIGURATION_TTL_MS,
  });
  const connection = await NativeConnection.connect(temporalConnectionOptions(settings));
  return {
    activities: {
      db,
      log,
      now: Date.now,
      inForce: compiledOnce(() => source.current()),
      verifier: (configuration) =>
        verifierWith(
          trust,
          configuration.agents.flatMap(({ keys }) => keys),
        ),
    },
    connection,
    async destroy() {
      await connection.close();
      await db.close();
    },
  };
}

/** A configuration that was applied a moment ago counts within this time; the gate reads it afresh as well. */
const CONFIGURATION_TTL_MS = 0;

/** Compiling policies costs more than reading a row, so it happens once a version. */
function compiledOnce(current: () => Promise<Configuration>): () => Promise<InForce> {
  let last: InForce | null = null;
  return async () => {
    const configuration = await current();
    if (last?.configuration !== configuration) {
      const policies = compilePolicies(
        configuration.policies,
        vocabularyOf(configurationWords(configuration), CATALOGUE),
        digestOf,
      );
      last = { configuration, policies };
    }
    return last;
  };
}

function configurationWords({ directory, targets, reasonCodes }: Configuration) {
  return { directory, targets, reasonCodes };
}
