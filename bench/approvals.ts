import { Client, Connection } from "@temporalio/client";
import { reviewPolicy } from "../test/support/configuration.ts";
import { type Stack, startStack } from "../test/support/stack.ts";
import { type Contender, type Measured, measure } from "./measure.ts";
import { ours } from "./ours.ts";
import { plain } from "./plain/contender.ts";
import { keep, machine, type Report, tableOf } from "./report.ts";
import { withServers } from "./servers.ts";

type Options = { n: number; concurrency: number; server?: string; json: string };

/**
 * One server, one run: an approval as somebody would write it on plain Temporal, and ours with policy, audit,
 * signatures, encryption and gate. The same statement at the same target, so what differs is the way to it.
 */
export async function benchApprovals({ n, concurrency, server, json }: Options): Promise<void> {
  await withServers(async (servers) => {
    const temporalAddress = server ?? servers.temporalAddress;
    const stack = await startStack({ ...servers, temporalAddress, policies: POLICY });
    const connection = await Connection.connect({ address: temporalAddress });
    const client = new Client({ connection, namespace: stack.namespace });
    const pids = { ...servers.pids, ...pidsOf(stack) };
    const one = await plain(stack, client);
    try {
      const contenders: Contender[] = [one.approval, one.action, ours(stack, client, true), ours(stack, client, false)];
      const found: { [name: string]: Measured } = {};
      for (const contender of contenders) {
        process.stdout.write(`${contender.name}…\n`);
        // The first few pay for compiling and connecting; nobody's figures should.
        await measure(contender, { n: Math.min(20, n), concurrency, pids: {} });
        found[contender.name] = await measure(contender, { n, concurrency, pids: { ...pids, ...one.pids } });
      }
      await report({ n, concurrency, json }, found);
    } finally {
      await one.stop();
      await connection.close();
      await stack.stop();
    }
  });
}

/** More than ten rows want a person, fewer nobody. */
const POLICY = reviewPolicy("approvals: [{ from: group:data-owners, count: 1 }]\ntimeout: 1h");

function pidsOf(stack: Stack): { [name: string]: number } {
  return { api: stack.pid("api"), workflows: stack.pid("workflows"), executor: stack.pid("executor") };
}

async function report(
  { n, concurrency, json }: { n: number; concurrency: number; json: string },
  found: { [name: string]: Measured },
): Promise<void> {
  const runs = Object.fromEntries(
    Object.entries(found).flatMap(([name, { askToPending, answerToResult }]) => [
      ...(askToPending === null ? [] : [[`${name}: ask → pending`, askToPending] as const]),
      [`${name}: ${askToPending === null ? "ask" : "answer"} → result`, answerToResult] as const,
    ]),
  );
  const of = (name: string) => found[name] as Measured;
  const [a, bare, b, c] = [of("a plain approval"), of("d plain action"), of("b ours, reviewed"), of("c ours, allowed")];
  const result: Report = {
    name: "Approvals: ours beside plain Temporal",
    command: `npm run bench -- approvals --n ${n} --concurrency ${concurrency}`,
    at: new Date().toISOString(),
    machine: machine(),
    runs,
    ratios: {
      answerToResultP50: b.answerToResult.p50 / a.answerToResult.p50,
      askToPendingP50: (b.askToPending?.p50 ?? Number.NaN) / (a.askToPending?.p50 ?? Number.NaN),
      cpuPerApproval: cpuOfOurs(b) / cpuOfPlain(a),
      allowedP50: c.answerToResult.p50 / bare.answerToResult.p50,
    },
    notes: Object.entries(found).map(([name, one]) => lineOf(name, one)),
    ...{ historyEvents: Object.fromEntries(Object.entries(found).map(([name, one]) => [name, one.historyEvents])) },
    ...{ details: found },
  };
  await keep(result, json);
  process.stdout.write(`\n${tableOf(result)}\n`);
}

/** What each needs of its own; Temporal and Postgres serve both and are counted too. */
const OURS = ["api", "workflows", "executor", "temporal", "postgres"];
const PLAIN = ["plain worker", "temporal"];
const total = ({ cpuMs }: Measured, names: string[]) => names.reduce((sum, name) => sum + (cpuMs[name] ?? 0), 0);
const cpuOfOurs = (measured: Measured) => total(measured, OURS);
const cpuOfPlain = (measured: Measured) => total(measured, PLAIN);

function lineOf(name: string, { perSecond, cpuMs, historyEvents, historyBytes }: Measured): string {
  const cpu = Object.entries(cpuMs)
    .filter(([, ms]) => ms >= 0.5)
    .map(([process, ms]) => `${process} ${ms.toFixed(0)}`);
  const rest = `${historyEvents} events, ${historyBytes} bytes`;
  return `${name}: ${perSecond.toFixed(1)} a second; CPU ms each: ${cpu.join(", ")}; history ${rest}`;
}
