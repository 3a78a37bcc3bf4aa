import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Connection } from "@temporalio/client";
import { msToTs } from "@temporalio/common/lib/time.js";
import { applyConfiguration } from "../../cli/apply-configuration.ts";
import { seedCrm } from "../../cli/dev/crm.ts";
import { type DevelopmentKeys, generateDevelopmentKeys } from "../../config/development-keys.ts";
import type { PrincipalId } from "../../core/principal.ts";
import { newApiKey } from "../../crypto/api-key.ts";
import { connect } from "../../db/client.ts";
import { createCredential } from "../../db/credentials.ts";
import { type Calls, createCalls } from "./calls.ts";
import { CONFIGURATION } from "./configuration.ts";
import { freshDatabase } from "./database.ts";
import { HISTORY_KEYRING } from "./histories.ts";

/** Which process, as a person would start it: `node api/main.ts`, `node worker/main.ts` with a role. */
export type Role = "api" | "workflows" | "executor";

export type StackInput = {
  postgresUrl: string;
  temporalAddress: string;
  policies: { file: string; text: string }[];
  /** countersign.yaml; the demo's people and target unless given. */
  configuration?: string;
  heartbeatSeconds?: number;
};

export type Stack = {
  url: string;
  namespace: string;
  temporalAddress: string;
  directory: string;
  exports: string;
  databaseUrls: { admin: string; app: string; executor: string };
  keys: DevelopmentKeys;
  /** Speaks as a principal of the configuration, with that principal's own credential. */
  as(principal: PrincipalId): Calls;
  token(principal: PrincipalId): Promise<string>;
  apply(policies: { file: string; text: string }[], configuration?: string): Promise<void>;
  start(role: Role): Promise<void>;
  /** SIGKILL unless another signal is named; resolves when the process is gone (not for SIGSTOP, SIGCONT). */
  kill(role: Role, signal?: NodeJS.Signals): Promise<void>;
  log(role: Role): string;
  stop(): Promise<void>;
};

/** Everything a deployment has, as real processes on a database, a namespace and keys of their own. */
export async function startStack(input: StackInput): Promise<Stack> {
  const directory = mkdtempSync(join(tmpdir(), "countersign-test-"));
  const namespace = `test-${directory.slice(-6).toLowerCase()}`;
  const [database, crm, keys, port] = await Promise.all([
    freshDatabase(input.postgresUrl),
    seedCrm(input.postgresUrl),
    generateDevelopmentKeys(join(directory, "keys")),
    freePort(),
    registerNamespace(input.temporalAddress, namespace),
  ]);
  const exports = join(directory, "exports");
  mkdirSync(exports);
  const url = `http://127.0.0.1:${port}`;
  const common = {
    PATH: process.env.PATH ?? "",
    COUNTERSIGN_MODE: "development",
    COUNTERSIGN_LOG_LEVEL: "info",
    COUNTERSIGN_TEMPORAL_ADDRESS: input.temporalAddress,
    COUNTERSIGN_TEMPORAL_NAMESPACE: namespace,
    COUNTERSIGN_TRUST_FILE: keys.trustFile,
    COUNTERSIGN_PAYLOAD_KEYRING_FILE: HISTORY_KEYRING,
    COUNTERSIGN_HEARTBEAT_SECONDS: String(input.heartbeatSeconds ?? 3),
  };
  const environment: Record<Role, { main: string; env: Record<string, string> }> = {
    api: {
      main: "api/main.ts",
      env: {
        ...common,
        COUNTERSIGN_DATABASE_URL: database.appUrl,
        COUNTERSIGN_API_PORT: String(port),
        COUNTERSIGN_PUBLIC_URL: url,
        COUNTERSIGN_SIGNING_KEY_FILE: keys.apiSigningKeyFile,
        COUNTERSIGN_SESSION_SECRET: "a-session-secret-for-tests-only-0123456789",
      },
    },
    workflows: {
      main: "worker/main.ts",
      env: { ...common, COUNTERSIGN_ROLE: "workflows", COUNTERSIGN_DATABASE_URL: database.appUrl },
    },
    executor: {
      main: "worker/main.ts",
      env: {
        ...common,
        COUNTERSIGN_ROLE: "executor",
        COUNTERSIGN_DATABASE_URL: database.executorUrl,
        COUNTERSIGN_ENVIRONMENT: "production",
        COUNTERSIGN_EXPORTS_DIR: exports,
        CRM_DESCRIBE_URL: crm.describeUrl,
        CRM_EXPORT_URL: crm.exportUrl,
      },
    },
  };
  const processes = new Map<Role, ChildProcess>();
  const tokens = new Map<PrincipalId, string>();
  const logFile = (role: Role) => join(directory, `${role}.log`);
  const admin = connect(database.adminUrl);

  const stack: Stack = {
    ...{ url, namespace, directory, exports, keys },
    temporalAddress: input.temporalAddress,
    databaseUrls: { admin: database.adminUrl, app: database.appUrl, executor: database.executorUrl },
    as: (principal) => createCalls(url, () => stack.token(principal)),
    async token(principal) {
      const known = tokens.get(principal);
      if (known) return known;
      const kind = principal.startsWith("agent:") ? ("agent-key" as const) : ("person-token" as const);
      const key = newApiKey(kind);
      const now = Date.now();
      const expiresAt = now + 3_600_000;
      await createCredential(admin, {
        id: key.id,
        hash: key.hash,
        kind,
        principal,
        scopes: [],
        createdAt: now,
        expiresAt,
      });
      tokens.set(principal, key.text);
      return key.text;
    },
    async apply(policies, configuration = input.configuration ?? CONFIGURATION) {
      await applyConfiguration({
        files: { configuration: { file: "countersign.yaml", text: configuration }, policies },
        adminUrl: database.adminUrl,
        operatorKeyFile: keys.operatorKeyFile,
      });
    },
    async start(role) {
      const { main, env } = environment[role];
      const output = openSync(logFile(role), "a");
      const child = spawn(process.execPath, [main], { env, stdio: ["ignore", output, output] });
      closeSync(output);
      processes.set(role, child);
      await becameReady(role, child, url, logFile(role));
    },
    async kill(role, signal = "SIGKILL") {
      const child = processes.get(role);
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, "exit");
      child.kill(signal);
      if (signal !== "SIGSTOP" && signal !== "SIGCONT") await gone;
    },
    log: (role) => readFileSync(logFile(role), "utf8"),
    async stop() {
      await Promise.all([...processes.keys()].map((role) => stack.kill(role)));
      await admin.close();
      await database.drop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  await stack.apply(input.policies);
  await Promise.all([stack.start("api"), stack.start("workflows"), stack.start("executor")]);
  return stack;
}

async function becameReady(role: Role, child: ChildProcess, url: string, logFile: string): Promise<void> {
  const from = readFileSync(logFile, "utf8").length;
  const fresh = () => readFileSync(logFile, "utf8").slice(from);
  for (let tries = 0; tries < 600; tries++) {
    if (child.exitCode !== null) throw new Error(`${role} ended at once:\n${fresh()}`);
    if (role === "api" ? await answers(`${url}/healthz`) : fresh().includes('"ready"')) return;
    await sleep(50);
  }
  throw new Error(`${role} did not become ready:\n${fresh()}`);
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    (response) => response.ok,
    () => false,
  );
}

async function registerNamespace(address: string, namespace: string): Promise<void> {
  const connection = await Connection.connect({ address });
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: msToTs("3 days"),
  });
  await connection.close();
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}
