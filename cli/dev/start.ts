import { chmodSync, mkdirSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import type { RequestView } from "../../api/contract/request.ts";
import { createTransport } from "../../client/transport.ts";
import { generateDevelopmentKeys } from "../../config/development-keys.ts";
import { membershipsOf } from "../apply.ts";
import { applyConfiguration, draftOf, readConfigurationFiles } from "../apply-configuration.ts";
import type { Connection } from "../connection.ts";
import { remark, say } from "../terminal.ts";
import { createDevCredentials, type DevCredentials, nameOf } from "./credentials.ts";
import { seedCrm } from "./crm.ts";
import { prepareDatabase } from "./database.ts";
import { askAnew, openRequest, untilEnded } from "./demo.ts";
import { removeDevFile, writeDevFile } from "./dev-file.ts";
import { explainStartFailure } from "./failure.ts";
import { type DevHome, devHome, ROOT } from "./home.ts";
import { codecEndpoint, linksOf, renderLinks } from "./links.ts";
import { takeLock } from "./lock.ts";
import { renderOutcome } from "./outcome.ts";
import { stopLeftovers } from "./pid-file.ts";
import { type DevPorts, requireFreePorts } from "./ports.ts";
import { startProcesses } from "./processes.ts";
import { createProgress, type Progress } from "./progress.ts";
import { openScope, type Scope, stopOnSignals } from "./scope.ts";
import { type DevSecrets, devSecrets } from "./secrets.ts";
import { portsNeeded, postgresServer, slackDoubleServer, type TemporalPlace, temporalServer } from "./servers.ts";
import {
  chooseSlack,
  requireSlackSection,
  type SlackChoice,
  type SlackEnvironment,
  workspaceEnvironment,
} from "./slack.ts";
import { type SlackDouble, slackDoubleBinary, type Workspace } from "./slack-double/double.ts";
import { doubleEnvironment, doubleWorkspace, whereToAct, withDouble } from "./slack-double/workspace.ts";

export type StartOptions = { ports: DevPorts; slackDouble: boolean; data: string | null; exitWhenPending: boolean };

/**
 * Everything of Countersign on this machine, until Ctrl-C. Whatever was started is stopped again,
 * however this ends; it throws what a person should read.
 */
export async function start(options: StartOptions): Promise<void> {
  const slack = chooseSlack(options.slackDouble, process.env);
  if (slack === "double") slackDoubleBinary();
  const home = options.data === null ? devHome() : devHome(options.data);
  makeDirectories(home);
  const lock = takeLock(home.run);
  const scope = openScope();
  scope.defer(() => lock.release());
  scope.defer(async () => void (await stopLeftovers(home.run)));
  stopOnSignals(scope);
  try {
    await Promise.race([run(options, slack, home, scope), scope.ended]);
  } catch (error) {
    throw explainStartFailure(error, home);
  } finally {
    remark("Stopping…");
    await scope.close();
    remark("Stopped; nothing is left running.");
  }
}

async function run(options: StartOptions, slack: SlackChoice, home: DevHome, scope: Scope): Promise<void> {
  const startedAt = Date.now();
  const progress = createProgress();
  const left = await stopLeftovers(home.run);
  if (left.length > 0) remark(`Stopped what a killed start had left running: ${left.join(", ")}.`);
  removeDevFile(home.directory);
  keepLastLogs(home.logs);
  await requireFreePorts(portsNeeded(options.ports, slack));
  const place = await startEverything(options, slack, home, scope, progress);
  const { request, found } = await progress.step("The demo's agent asks for an export", async (note) => {
    // A new double remembers no card of an earlier start, so there has to be a request that it is told of.
    const open = slack === "double" ? await askAnew(place.agent) : await openRequest(place.agent);
    note(`${open.request.id} is ${open.request.status}`);
    return open;
  });
  const links = await linksOf(request, place);
  const { apiUrl, credentials, temporal } = place;
  writeDevFile(home.directory, {
    apiUrl,
    temporalAddress: temporal.address,
    temporalUiUrl: temporal.uiUrl,
    requestId: request.id,
    reviewUrl: links.pages[0]?.url ?? request.reviewUrl,
    tokens: credentials.tokens,
  });
  scope.defer(() => removeDevFile(home.directory));
  remark(`Ready in ${((Date.now() - startedAt) / 1000).toFixed(1)} s.`);
  say(...renderLinks(request, found, links));
  if (options.exitWhenPending) return;
  await tellTheEnd(place.agent, request, home, scope);
  await scope.ended;
}

export type Place = {
  apiUrl: string;
  temporal: TemporalPlace;
  credentials: DevCredentials;
  /** Speaks as the demo's agent. */
  agent: Connection;
  /** Members by group, for who could answer. */
  members: (group: string) => string[];
  codecToken: string;
  /** Where cards are to be seen, and what people are called there; null without the double. */
  slack: { url: string; called: (name: string) => string } | null;
};

async function startEverything(
  { ports }: StartOptions,
  choice: SlackChoice,
  home: DevHome,
  scope: Scope,
  progress: Progress,
): Promise<Place> {
  const apiUrl = `http://127.0.0.1:${ports.api}`;
  const secrets = devSecrets(home.keys);
  const keys = await generateDevelopmentKeys(home.keys);
  const written = readConfigurationFiles(join(ROOT, "countersign.yaml"), join(ROOT, "policies"));
  const { directory } = draftOf(written);
  if (choice === "workspace") requireSlackSection(written);
  const workspace = choice === "double" ? doubleWorkspace(directory) : null;
  const files = workspace === null ? written : withDouble(written, workspace);
  const database = async () => {
    const server = await postgresServer(home, ports, scope, progress);
    const urls = await progress.step("Database migrated", () => prepareDatabase(server.url, secrets));
    const crm = await progress.step("CRM with customers, as the target", () => seedCrm(server.url));
    await progress.step("Configuration and policies, signed and applied", async (note) => {
      const memberships = choice === "workspace" ? await membershipsOf(draftOf(files)) : null;
      const { version, changed } = await applyConfiguration({
        ...{ files, adminUrl: urls.admin, operatorKeyFile: keys.operatorKeyFile },
        ...(memberships === null ? {} : { memberships }),
      });
      note(changed ? `version ${version}` : `version ${version} holds already`);
    });
    return { urls, crm };
  };
  const [{ urls, crm }, temporal, double] = await Promise.all([
    database(),
    temporalServer(home, ports, scope, progress, codecEndpoint(apiUrl, secrets.codecToken)),
    workspace === null ? null : slackDoubleServer(home, ports, workspace, scope, progress),
  ]);
  const slack = slackEnvironment(choice, workspace, double, secrets);
  const input = { home, apiUrl, apiPort: ports.api, temporal, databaseUrls: urls, keys, secrets, slack };
  const targetSecrets = { CRM_DESCRIBE_URL: crm.describeUrl, CRM_EXPORT_URL: crm.exportUrl };
  const [agent] = directory.agents;
  if (agent === undefined) throw new Error("countersign.yaml names no agent");
  const people = directory.people.filter(({ id, active }) => active && id !== agent.owner);
  const [credentials] = await Promise.all([
    createDevCredentials(
      urls.admin,
      apiUrl,
      agent.id,
      people.map(({ id }) => id),
    ),
    startProcesses({ ...input, targetSecrets }, scope, progress),
  ]);
  scope.defer(() => credentials.revoke());
  const { tokens } = credentials;
  const transport = createTransport({ url: apiUrl, token: tokens.agent });
  return {
    ...{ apiUrl, temporal, credentials, codecToken: secrets.codecToken },
    slack: workspace === null || double === null ? null : whereToAct(workspace, double),
    agent: { url: apiUrl, token: tokens.agent, transport },
    members: (group) => people.filter(({ groups }) => groups.some((one) => one === group)).map(({ id }) => nameOf(id)),
  };
}

function slackEnvironment(
  choice: SlackChoice,
  workspace: Workspace | null,
  double: SlackDouble | null,
  { surfaceSecret }: DevSecrets,
): SlackEnvironment | null {
  if (choice === "workspace") return workspaceEnvironment(process.env, surfaceSecret);
  return workspace === null || double === null ? null : doubleEnvironment(workspace, double.apiUrl, surfaceSecret);
}

async function tellTheEnd(agent: Connection, request: RequestView, home: DevHome, scope: Scope): Promise<void> {
  const stopped = new AbortController();
  void scope.ended.finally(() => stopped.abort()).catch(() => {});
  const ended = await untilEnded(agent, request.id, stopped.signal);
  if (ended === null) return;
  say(...(await renderOutcome(agent, ended, home)));
  remark("Everything goes on running; Ctrl-C stops it.");
}

/** Each start writes logs of its own; those of the one before stay beside them. */
function keepLastLogs(directory: string): void {
  for (const name of readdirSync(directory).filter((file) => /^[a-z]+\.log$/.test(file))) {
    renameSync(join(directory, name), join(directory, name.replace(/\.log$/, ".previous.log")));
  }
}

/** As root the database's user has to get through to its files; nobody but us reads the rest. */
function makeDirectories(home: DevHome): void {
  mkdirSync(home.directory, { recursive: true, mode: 0o711 });
  chmodSync(home.directory, process.getuid?.() === 0 ? 0o711 : 0o700);
  for (const directory of [home.run, home.logs, home.keys, home.exports, home.temporal]) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  }
}
