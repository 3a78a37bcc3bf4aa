import { join } from "node:path";
import { CommandFailure } from "../exit-codes.ts";
import { cacheDirectory, type DevHome } from "./home.ts";
import type { DevPorts } from "./ports.ts";
import { type Postgres, startPostgres } from "./postgres.ts";
import type { Progress } from "./progress.ts";
import type { Scope } from "./scope.ts";
import type { SlackChoice } from "./slack.ts";
import { type SlackDouble, startSlackDouble, type Workspace } from "./slack-double/double.ts";
import { startTemporal, temporalAnswers } from "./temporal.ts";
import { temporalBinary } from "./temporal-binary.ts";

/** A Temporal server, ours or one that was there before. */
export type TemporalPlace = { address: string; namespace: string; uiUrl: string | null };

export async function postgresServer(
  home: DevHome,
  ports: DevPorts,
  scope: Scope,
  progress: Progress,
): Promise<Postgres> {
  return progress.step("PostgreSQL", async (note) => {
    const server = await startPostgres({
      directory: home.postgres,
      port: ports.postgres,
      logFile: join(home.logs, "postgres.log"),
      pidDirectory: home.run,
      binariesDirectory: join(home.postgres, "binaries"),
      settings: [],
      signal: scope.signal,
    });
    scope.own(server.child);
    note(`127.0.0.1:${ports.postgres}`);
    return server;
  });
}

/** COUNTERSIGN_TEMPORAL_ADDRESS names a server that is used as it is; otherwise we get one and start it. */
export async function temporalServer(
  home: DevHome,
  ports: DevPorts,
  scope: Scope,
  progress: Progress,
  codecEndpoint: string,
): Promise<TemporalPlace> {
  const given = givenTemporal(process.env);
  if (given !== null) {
    await progress.step("Temporal server", async (note) => {
      note(`the one at ${given.address}`);
      if (await temporalAnswers(given.address, given.namespace)) return;
      const sentence = `No Temporal server with the namespace ${given.namespace} answers at ${given.address}.`;
      throw new CommandFailure("notReachable", "TEMPORAL_UNAVAILABLE", sentence, {
        next: "Start it, or unset COUNTERSIGN_TEMPORAL_ADDRESS and one is started here.",
      });
    });
    return given;
  }
  return progress.step("Temporal server", async (note) => {
    const binary = await temporalBinary(cacheDirectory(), process.env, scope.signal);
    const server = await startTemporal({
      binary: binary.path,
      port: ports.temporal,
      namespace: NAMESPACE,
      logFile: join(home.logs, "temporal.log"),
      pidDirectory: home.run,
      database: join(home.temporal, "temporal.db"),
      ui: { port: ports.ui, codecEndpoint },
      signal: scope.signal,
    });
    scope.own(server.child);
    note(`${server.address}, binary from ${binary.from}`);
    return { address: server.address, namespace: NAMESPACE, uiUrl: `http://127.0.0.1:${ports.ui}` };
  });
}

/** People's clicks in the double go to the API by HTTP: both addresses are known before either listens. */
export async function slackDoubleServer(
  home: DevHome,
  ports: DevPorts,
  workspace: Workspace,
  scope: Scope,
  progress: Progress,
): Promise<SlackDouble> {
  return progress.step("Slack double", async (note) => {
    const double = await startSlackDouble({
      workspace,
      requestUrl: `http://127.0.0.1:${ports.api}/slack/events`,
      port: ports.slack,
      directory: join(home.run, "slack-double"),
      logFile: join(home.logs, "slack-double.log"),
      pidDirectory: home.run,
      signal: scope.signal,
    });
    scope.own(double.child);
    note(double.url);
    return double;
  });
}

/** Which ports of ours are needed at all. */
export function portsNeeded(ports: DevPorts, slack: SlackChoice): Partial<DevPorts> {
  const { api, postgres, ui, temporal } = ports;
  return {
    ...{ api, postgres },
    ...(givenTemporal(process.env) === null ? { ui, temporal } : {}),
    ...(slack === "double" ? { slack: ports.slack } : {}),
  };
}

const NAMESPACE = "countersign";

function givenTemporal(env: NodeJS.ProcessEnv): TemporalPlace | null {
  const address = env.COUNTERSIGN_TEMPORAL_ADDRESS;
  if (address === undefined || address === "") return null;
  return {
    address,
    namespace: env.COUNTERSIGN_TEMPORAL_NAMESPACE || "default",
    uiUrl: env.COUNTERSIGN_TEMPORAL_UI_URL || null,
  };
}
