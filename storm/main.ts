import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { summaryOf, tableOf } from "./report.ts";
import { withServers } from "./servers.ts";
import { storm } from "./storm.ts";

/** `npm run storm`: agents and people against real processes that are killed again and again. Exits 1 at a fault. */
const program = new Command("storm")
  .description("Kills the processes of a deployment under load, then checks from outside that every promise held.")
  .option("--approvals <count>", "requests to make", whole(1, 100_000), 200)
  .option("--kills <count>", "how often something is killed or paused", whole(0, 10_000), 20)
  .option("--seed <number>", "the same seed plans the same storm", whole(0, 2 ** 32 - 1), 1)
  .option("--concurrency <count>", "requests under way at once", whole(1, 18), 16)
  .option("--minutes <count>", "when everything has to have ended", whole(1, 24 * 60), 20)
  .option("--json <file>", "where the summary goes as JSON")
  .allowExcessArguments(false);

type Options = {
  approvals: number;
  kills: number;
  seed: number;
  concurrency: number;
  minutes: number;
  json?: string;
};

program.parse();
const { json, ...options } = program.opts<Options>();
const interrupted = new Promise<never>((_resolve, reject) => {
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => reject(new Error(`ended by ${signal}`)));
});
const input = { ...options, progress: (line: string) => void process.stderr.write(`${line}\n`), interrupted };
const summary = summaryOf(await withServers((servers) => storm(servers, input)), input);
process.stdout.write(`${tableOf(summary)}\n`);
if (json !== undefined) {
  mkdirSync(dirname(json), { recursive: true });
  writeFileSync(json, `${JSON.stringify(summary, null, 2)}\n`);
}
process.exitCode = summary.findings.length === 0 ? 0 : 1;

function whole(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}
