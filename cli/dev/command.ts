import { resolve } from "node:path";
import { Command } from "commander";
import { usage } from "../exit-codes.ts";
import { DEFAULT_PORTS } from "./ports.ts";
import { start } from "./start.ts";

type Options = {
  port: string;
  uiPort: string;
  temporalPort: string;
  postgresPort: string;
  slackDouble?: boolean;
  slackPort: string;
  data?: string;
  exitWhenPending?: boolean;
};

export function devCommand(): Command {
  return new Command("dev")
    .description("Everything on this machine: databases, Temporal with its UI, API, worker, executor, a demo request.")
    .option("--port <port>", "the API and its pages", String(DEFAULT_PORTS.api))
    .option("--ui-port <port>", "Temporal's web interface", String(DEFAULT_PORTS.ui))
    .option("--temporal-port <port>", "the Temporal server", String(DEFAULT_PORTS.temporal))
    .option("--postgres-port <port>", "PostgreSQL", String(DEFAULT_PORTS.postgres))
    .option("--slack-double", "an independent stand-in for Slack beside it, to answer in as anybody (Linux x64)")
    .option("--slack-port <port>", "the Slack double and its web interface", String(DEFAULT_PORTS.slack))
    .option("--data <directory>", "where everything is kept (default: .countersign in the clone)")
    .option("--exit-when-pending", "stop everything again once a request is pending; for scripts")
    .addHelpText(
      "after",
      [
        "",
        "Keeps its data in .countersign/ (npm run reset removes it) and writes .countersign/dev.json while it runs.",
        "COUNTERSIGN_TEMPORAL_ADDRESS uses a Temporal server that runs already; one with `temporal` on PATH is next.",
        "SLACK_BOT_TOKEN with SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP) uses a real workspace, which",
        "countersign.yaml has to name in its slack section; --slack-double needs neither and ignores them.",
        "",
        "Examples:",
        "  $ npm start",
        "  $ npm start -- --port 8421",
        "  $ npm start -- --slack-double",
      ].join("\n"),
    )
    .action(dev);
}

async function dev(options: Options): Promise<void> {
  await start({
    ports: {
      api: portOf("--port", options.port),
      ui: portOf("--ui-port", options.uiPort),
      temporal: portOf("--temporal-port", options.temporalPort),
      postgres: portOf("--postgres-port", options.postgresPort),
      slack: portOf("--slack-port", options.slackPort),
    },
    slackDouble: options.slackDouble ?? false,
    data: options.data === undefined ? null : resolve(options.data),
    exitWhenPending: options.exitWhenPending ?? false,
  });
}

function portOf(flag: string, text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) throw usage(`${flag} ${text} is not a port.`, "1 to 65535.");
  return port;
}
