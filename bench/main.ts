import { Command } from "commander";
import { benchApprovals } from "./approvals.ts";
import { benchSlackAcknowledgement } from "./slack-acknowledgement.ts";

/** `npm run bench -- NAME`: numbers as ratios against a baseline of the same run, never in the tests. */
const program = new Command("bench").description("Measures Countersign on this machine, with servers of its own.");

program
  .command("approvals")
  .description("What an approval costs here, beside one written on plain Temporal.")
  .option("--n <approvals>", "approvals of each kind", Number, 200)
  .option("--concurrency <approvals>", "under way at once", Number, 10)
  .option("--server <address>", "host:port of a Temporal server to use instead of one started here")
  .option("--json <file>", "where the result goes, with a chart beside it", "bench/results/approvals.json")
  .action(benchApprovals);

program
  .command("slack-acknowledgement")
  .description("How long Slack waits until a click is durable, under load, beside a bare Temporal signal.")
  .option("--n <clicks>", "clicks, and as many requests", Number, 200)
  .option("--concurrency <clicks>", "clicks under way at once", Number, 20)
  .option("--json <file>", "where the result goes, with a chart beside it", "bench/results/slack-acknowledgement.json")
  .action(benchSlackAcknowledgement);

await program.parseAsync();
