import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Connection } from "@temporalio/client";
import { msToTs } from "@temporalio/common/lib/time.js";
import { applyConfiguration, type ConfigurationFiles, draftOf } from "../../cli/apply-configuration.ts";
import { seedCrm } from "../../cli/dev/crm.ts";
import { askMembers } from "../../cli/imported-members.ts";
import { slackClient } from "../../cli/slack-access.ts";
import { type DevelopmentKeys, generateDevelopmentKeys } from "../../config/development-keys.ts";
import type { PrincipalId } from "../../core/principal.ts";
import { newApiKey } from "../../crypto/api-key.ts";
import { connect } from "../../db/client.ts";
import { createCredential } from "../../db/credentials.ts";
import { type Calls, createCalls } from "./calls.ts";
import { CONFIGURATION, SLACK_CONFIGURATION } from "./configuration.ts";
import { freshDatabase } from "./database.ts";
import { HISTORY_KEYRING } from "./histories.ts";
import { type Slack, startSlack, type Transport } from "./slack/slack.ts";
import { environmentOf, type Role } from "./stack-environment.ts";

export type { Role };

export type StackInput = {
  postgresUrl: string;
  temporalAddress: string;
  policies: { file: string; text: string }[];
  /** countersign.yaml; the demo's people and target unless given. */
  configuration?: string;
  heartbeatSeconds?: number;
  logLevel?: "info" | "debug";
  /** With a workspace that people answer in, and the process that tells them; nobody's answers wait for a pace. */
  slack?: { transport: Transport; postMs?: number; seed?: number };
};

/** One process of the deployment; replicas after the first have a name of their own. */
export type ProcessName = Role | `api-${number}` | `executor-${number}`;

export type Stack = {
  url: string;
  namespace: string;
  temporalAddress: string;
  directory: string;
  exports: string;
  databaseUrls: { admin: string; app: string; executor: string };
  /** The target's: what only the executor is given. */
  crm: { describeUrl: string; exportUrl: string };
  keys: DevelopmentKeys;
  /** Speaks as a principal of the configuration, with that principal's own credential. */
  as(principal: PrincipalId): Calls;
  token(principal: PrincipalId): Promise<string>;
  apply(policies: { file: string; text: string }[], configuration?: string): Promise<void>;
  /** What plays Slack; throws where the stack was asked for none. */
  slack: Slack;
  start(name: ProcessName): Promise<void>;
  /** One more API process, of the same name to Slack and on a port of its own. */
  startReplica(): Promise<{ name: ProcessName; url: string }>;
  /** SIGKILL unless another signal is named; resolves when the process is gone (not for SIGSTOP, SIGCONT). */
  kill(name: ProcessName, signal?: NodeJS.Signals): Promise<void>;
  pid(name: ProcessName): number;
  log(name: ProcessName): string;
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
  // With the keys of the recorded histories, so that what runs here can become one.
  writeFileSync(keys.payloadKeyringFile, readFileSync(HISTORY_KEYRING));
  const exports = join(directory, "exports");
  mkdirSync(exports);
  const url = `http://127.0.0.1:${port}`;
  const slack =
    input.slack === undefined ? null : await startSlack({ ...input.slack, deliverTo: `${url}/slack/events` });
  const environment = {
    ...{ url, temporalAddress: input.temporalAddress, namespace, keys, exports, crm, slack },
    databaseUrls: { app: database.appUrl, executor: database.executorUrl },
    heartbeatSeconds: input.heartbeatSeconds ?? 3,
    logLevel: input.logLevel ?? "info",
    postMs: input.slack?.postMs ?? 0,
  };
  const configured = input.configuration ?? (slack === null ? CONFIGURATION : SLACK_CONFIGURATION);
  const urls = new Map<ProcessName, string>([["api", url]]);
  const processes = new Map<ProcessName, ChildProcess>();
  const tokens = new Map<PrincipalId, string>();
  const logFile = (name: ProcessName) => join(directory, `${name}.log`);
  const admin = connect(database.adminUrl);

  const stack: Stack = {
    ...{ url, namespace, directory, exports, keys, crm },
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
    async apply(policies, configuration = configured) {
      const files = { configuration: { file: "countersign.yaml", text: configuration }, policies };
      await applyConfiguration({
        ...{ files, adminUrl: database.adminUrl, operatorKeyFile: keys.operatorKeyFile },
        ...(slack === null ? {} : await membershipsIn(slack, files)),
      });
    },
    get slack() {
      if (slack === null) throw new Error("this stack was started without Slack");
      return slack;
    },
    async start(name) {
      const role = name.replace(/-\d+$/, "") as Role;
      const env = environmentOf(role, environment);
      const own = urls.get(name) ?? url;
      if (role === "api") env.COUNTERSIGN_API_PORT = new URL(own).port;
      const output = openSync(logFile(name), "a");
      const main = role === "api" ? "api/main.ts" : "worker/main.ts";
      const child = spawn(process.execPath, [main], { env, stdio: ["ignore", output, output] });
      closeSync(output);
      processes.set(name, child);
      const sockets = slack?.proxy.deliveries.sockets() ?? 0;
      await becameReady(name, child, own, logFile(name));
      if (slack?.transport === "socket" && role === "api") await openedSocket(slack, sockets);
    },
    async startReplica() {
      const name: ProcessName = `api-${urls.size + 1}`;
      const own = `http://127.0.0.1:${await freePort()}`;
      urls.set(name, own);
      await stack.start(name);
      return { name, url: own };
    },
    async kill(name, signal = "SIGKILL") {
      const child = processes.get(name);
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, "exit");
      child.kill(signal);
      if (signal !== "SIGSTOP" && signal !== "SIGCONT") await gone;
    },
    pid: (name) => processes.get(name)?.pid ?? 0,
    log: (name) => readFileSync(logFile(name), "utf8"),
    async stop() {
      await Promise.all([...processes.keys()].map((name) => stack.kill(name)));
      await slack?.stop();
      await admin.close();
      await database.drop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  await stack.apply(input.policies);
  const roles: Role[] = ["api", "workflows", "executor", ...(slack === null ? [] : (["channels"] as const))];
  await Promise.all(roles.map((role) => stack.start(role)));
  return stack;
}

/** As `countersign apply` does when it has a token. */
async function membershipsIn({ apiUrl, workspace }: Slack, files: ConfigurationFiles) {
  const { slack, directory } = draftOf(files);
  if (slack === null || slack.userGroups.length === 0) return {};
  const { memberships } = await askMembers(slackClient(workspace.app.botToken, apiUrl), slack, directory);
  return { memberships };
}

async function openedSocket({ proxy }: Slack, before: number): Promise<void> {
  for (let tries = 0; tries < 200 && proxy.deliveries.sockets() <= before; tries++) await sleep(50);
}

async function becameReady(name: ProcessName, child: ChildProcess, url: string, logFile: string): Promise<void> {
  const from = readFileSync(logFile, "utf8").length;
  const fresh = () => readFileSync(logFile, "utf8").slice(from);
  for (let tries = 0; tries < 600; tries++) {
    if (child.exitCode !== null) throw new Error(`${name} ended at once:\n${fresh()}`);
    if (name.startsWith("api") ? await answers(`${url}/healthz`) : fresh().includes('"ready"')) return;
    await sleep(50);
  }
  throw new Error(`${name} did not become ready:\n${fresh()}`);
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
