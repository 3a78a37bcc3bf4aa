import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { text as readAll } from "node:stream/consumers";
import { Command } from "commander";
import type { RequestView } from "../api/contract/request.ts";
import { ApprovalError, ApprovalPending } from "../client/errors.ts";
import { createApprovals } from "../client/index.ts";
import { type Executed, outcomeOf } from "../client/outcome.ts";
import { type ConnectionOptions, connectionOf, withConnection } from "./connection.ts";
import { secondsOf } from "./durations.ts";
import { CommandFailure, EXIT_CODES, type ExitCode, usage } from "./exit-codes.ts";
import { renderEnd } from "./render-end.ts";
import { remark, say, sayJson } from "./terminal.ts";

type Options = ConnectionOptions & {
  target: string;
  arguments?: string;
  set: string[];
  justification?: string;
  key?: string;
  run?: string;
  wait?: string;
  json?: boolean;
};

export function requestCommand(): Command {
  const command = new Command("request")
    .description("Ask for a privileged action, as an agent, and wait for its end.")
    .argument("<action>", "action type, e.g. postgres.export")
    .requiredOption("--target <name>", "a configured target")
    .option("--arguments <json>", "arguments as JSON, @FILE, or - for standard input")
    .option("--set <name=value>", "one argument: name=text or name:=json; may be repeated", collect, [])
    .option("--justification <text>", "why; reviewers read it")
    .option("--key <key>", "idempotency key; the same key is the same request for ever (default: a new one)")
    .option("--run <id>", "your own run id, a hint for people")
    .option("--wait <time>", "how long to wait, e.g. 90s or 2h; 0 only asks (default: until it ends)")
    .option("--json", "print the request as JSON");
  return withConnection(command)
    .addHelpText(
      "after",
      [
        "",
        "Example:",
        "  $ countersign request postgres.export --target crm --justification 'Quarterly report' \\",
        "      --set statement='select id, name from customers' --set format=csv --set maxRows:=5000",
        "",
        "Exits 0 when the action was executed (with --wait 0: when it was asked for), 4 when it is still pending.",
      ].join("\n"),
    )
    .action(request);
}

async function request(action: string, options: Options): Promise<void> {
  const connection = connectionOf(options, "agent");
  const approvals = createApprovals(connection);
  const key = options.key ?? `cli-${randomUUID()}`;
  const wait = options.wait === undefined ? undefined : secondsOf(options.wait);
  const ask = { target: options.target, arguments: await argumentsOf(options) };
  // The key is said first: whoever loses this terminal can attach again with it.
  if (!options.json) remark(`Asking for ${action} with --key ${key}`);
  const first = await ended(() =>
    approvals.perform<string>(action, ask, {
      key,
      wait: 0,
      ...(options.justification === undefined ? {} : { justification: options.justification }),
      ...(options.run === undefined ? {} : { run: options.run }),
    }),
  );
  if (!first.pending || wait === 0) return report(first.request, options, wait === 0);
  if (!options.json) remark(`${first.request.id} is ${first.request.status}; answer at ${first.request.reviewUrl}`);
  const last = await ended(() =>
    approvals.waitFor(first.request.id, wait === undefined ? {} : { timeoutSeconds: wait }),
  );
  report(last.request, options, false);
}

/** Refusals are how a request ends, not failures of the command. */
async function ended(ask: () => Promise<Executed>): Promise<{ request: RequestView; pending: boolean }> {
  try {
    return { request: (await ask()).request, pending: false };
  } catch (error) {
    if (!(error instanceof ApprovalError) || error.request === null) throw error;
    return { request: error.request, pending: error instanceof ApprovalPending };
  }
}

function report(request: RequestView, options: Options, onlyAsked: boolean): void {
  if (options.json) sayJson(request);
  else say(...renderEnd(request));
  process.exitCode = EXIT_CODES[exitOf(request, onlyAsked)].code;
}

function exitOf(request: RequestView, onlyAsked: boolean): ExitCode {
  const outcome = outcomeOf(request);
  if (outcome instanceof ApprovalPending) return onlyAsked ? "ok" : "pending";
  return outcome instanceof ApprovalError ? "refused" : "ok";
}

async function argumentsOf(options: Options): Promise<{ [name: string]: unknown }> {
  const given: { [name: string]: unknown } = {};
  if (options.arguments !== undefined) {
    const text = await textOf(options.arguments);
    const value = parseJson(text, "--arguments");
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw usage("--arguments is not a JSON object.", `Example: --arguments '{"format": "csv"}'`);
    }
    Object.assign(given, value);
  }
  for (const pair of options.set) {
    const match = /^([A-Za-z_][A-Za-z0-9_]*)(:?=)([\s\S]*)$/.exec(pair);
    if (!match) throw usage(`--set "${pair}" is neither name=text nor name:=json.`);
    const [, name = "", operator, value = ""] = match;
    given[name] = operator === "=" ? value : parseJson(value, `--set ${name}`);
  }
  return given;
}

async function textOf(source: string): Promise<string> {
  if (source === "-") return await readAll(process.stdin);
  return source.startsWith("@") ? readFileSync(source.slice(1), "utf8") : source;
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CommandFailure("usage", "USAGE", `${where} is not JSON: ${(error as Error).message}`);
  }
}

function collect(value: string, before: string[]): string[] {
  return [...before, value];
}
