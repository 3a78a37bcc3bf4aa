import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { DevelopmentKeys } from "../../config/development-keys.ts";
import { type Child, startChild, waitUntil } from "./child.ts";
import { type DevHome, ROOT } from "./home.ts";
import type { Progress } from "./progress.ts";
import type { Scope } from "./scope.ts";
import { type DevSecrets, writeSecretFile } from "./secrets.ts";
import type { TemporalPlace } from "./servers.ts";
import type { SlackEnvironment } from "./slack.ts";

export type ProcessInput = {
  home: DevHome;
  apiUrl: string;
  apiPort: number;
  temporal: TemporalPlace;
  databaseUrls: { app: string; executor: string };
  keys: DevelopmentKeys;
  secrets: DevSecrets;
  /** What targets name as secrets: name → value. Only the executor ever sees them. */
  targetSecrets: Record<string, string>;
  /** null: nobody answers in Slack, and no process tells them there. */
  slack: SlackEnvironment | null;
};

/** API, workflow worker, executor and what tells people in Slack, each with the secrets of its own role and no others. */
export async function startProcesses(input: ProcessInput, scope: Scope, progress: Progress): Promise<void> {
  const start = async (what: string, name: string, script: string, env: NodeJS.ProcessEnv) =>
    progress.step(what, async () => {
      const child = await startChild({
        name,
        command: process.execPath,
        args: [join(ROOT, script)],
        env: { ...common(input), ...env },
        cwd: ROOT,
        logFile: join(input.home.logs, `${name}.log`),
        pidDirectory: input.home.run,
        marker: join(ROOT, script),
        // An executor may be in the middle of an action: it gets its time to end it.
        graceMs: STOP_MS,
        signal: scope.signal,
      });
      scope.own(child);
      await waitUntil(child, () => isReady(child, input.apiUrl), READY_MS);
    });
  await Promise.all([
    start("API and pages", "api", "api/main.ts", apiEnvironment(input)),
    start("Worker", "worker", "worker/main.ts", workerEnvironment(input)),
    start("Executor", "executor", "worker/main.ts", executorEnvironment(input)),
    ...(input.slack === null
      ? []
      : [start("Channels", "channels", "worker/main.ts", channelsEnvironment(input, input.slack))]),
  ]);
}

const READY_MS = 30_000;
const STOP_MS = 30_000;

async function isReady(child: Child, apiUrl: string): Promise<boolean> {
  if (child.name !== "api") return readFileSync(child.logFile, "utf8").includes('"msg":"ready"');
  return fetch(`${apiUrl}/readyz`, { signal: AbortSignal.timeout(2_000) }).then(
    (response) => response.ok,
    () => false,
  );
}

function common({ temporal, keys }: ProcessInput): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    COUNTERSIGN_MODE: "development",
    COUNTERSIGN_LOG_LEVEL: process.env.COUNTERSIGN_LOG_LEVEL || "info",
    COUNTERSIGN_TEMPORAL_ADDRESS: temporal.address,
    COUNTERSIGN_TEMPORAL_NAMESPACE: temporal.namespace,
    COUNTERSIGN_TRUST_FILE: keys.trustFile,
    COUNTERSIGN_PAYLOAD_KEYRING_FILE: keys.payloadKeyringFile,
  };
}

function apiEnvironment(input: ProcessInput): NodeJS.ProcessEnv {
  const { apiUrl, apiPort, databaseUrls, keys, secrets, temporal } = input;
  return {
    COUNTERSIGN_DATABASE_URL: databaseUrls.app,
    COUNTERSIGN_API_PORT: String(apiPort),
    COUNTERSIGN_PUBLIC_URL: apiUrl,
    COUNTERSIGN_SIGNING_KEY_FILE: keys.apiSigningKeyFile,
    COUNTERSIGN_SESSION_SECRET: secrets.sessionSecret,
    COUNTERSIGN_CODEC_TOKEN: secrets.codecToken,
    ...(temporal.uiUrl === null ? {} : { COUNTERSIGN_TEMPORAL_UI_URL: temporal.uiUrl }),
    ...input.slack?.api,
  };
}

function workerEnvironment({ databaseUrls }: ProcessInput): NodeJS.ProcessEnv {
  return { COUNTERSIGN_ROLE: "workflows", COUNTERSIGN_DATABASE_URL: databaseUrls.app };
}

function channelsEnvironment({ apiUrl, databaseUrls, keys }: ProcessInput, slack: SlackEnvironment): NodeJS.ProcessEnv {
  return {
    COUNTERSIGN_ROLE: "channels",
    COUNTERSIGN_DATABASE_URL: databaseUrls.app,
    COUNTERSIGN_PUBLIC_URL: apiUrl,
    COUNTERSIGN_SIGNING_KEY_FILE: keys.channelsSigningKeyFile,
    ...slack.channels,
  };
}

function executorEnvironment({ home, databaseUrls, targetSecrets }: ProcessInput): NodeJS.ProcessEnv {
  const directory = join(home.keys, "executor");
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  for (const [name, value] of Object.entries(targetSecrets)) writeSecretFile(join(directory, name), value);
  return {
    COUNTERSIGN_ROLE: "executor",
    COUNTERSIGN_DATABASE_URL: databaseUrls.executor,
    COUNTERSIGN_ENVIRONMENT: "production",
    COUNTERSIGN_SECRETS_DIR: directory,
    COUNTERSIGN_EXPORTS_DIR: home.exports,
  };
}
