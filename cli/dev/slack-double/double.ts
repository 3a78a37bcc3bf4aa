import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { CommandFailure } from "../../exit-codes.ts";
import { type Child, startChild, waitUntil } from "../child.ts";

/** The workspace a double plays: everything about it is made up. */
export type Workspace = {
  team: string;
  app: { id: string; botUser: string; botToken: string; appToken: string; signingSecret: string };
  users: { id: string; name: string; realName: string; email: string | null; bot?: boolean }[];
  channels: { id: string; name: string; members: string[] }[];
};

export type DoubleOptions = {
  workspace: Workspace;
  /** How it hands over what people do: to this URL, signed; null: by Socket Mode. */
  requestUrl: string | null;
  port: number;
  /** Whom its own URLs name, when somebody stands in front of it. */
  baseHost?: string;
  /** Its configuration and whatever it writes. */
  directory: string;
  logFile: string;
  pidDirectory: string;
  signal?: AbortSignal;
};
export type SlackDouble = { child: Child; url: string; apiUrl: string };

/** An independent program that behaves like Slack, on this machine's loopback only. */
export async function startSlackDouble(options: DoubleOptions): Promise<SlackDouble> {
  const binary = slackDoubleBinary();
  const url = `http://127.0.0.1:${options.port}`;
  const config = join(options.directory, "local-slack.json");
  mkdirSync(options.directory, { recursive: true, mode: 0o700 });
  writeFileSync(config, JSON.stringify(doubleConfiguration(options), null, 2), { mode: 0o600 });
  const child = await startChild({
    name: "slack-double",
    command: binary,
    args: ["--config", config, "--port", String(options.port), "--base-host", options.baseHost ?? "127.0.0.1"],
    env: { PATH: process.env.PATH, TMPDIR: options.directory, BUN_OPTIONS: `--preload=${PRELOAD}` },
    cwd: options.directory,
    logFile: options.logFile,
    pidDirectory: options.pidDirectory,
    marker: config,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  try {
    await waitUntil(child, () => answers(`${url}/_control/state`), START_MS);
  } catch (error) {
    await child.stop();
    throw error;
  }
  return { child, url, apiUrl: `${url}/api/` };
}

/** Where npm put the program; a sentence for a machine it does not exist for. */
export function slackDoubleBinary(platform = process.platform, architecture = process.arch): string {
  if (platform !== "linux" || architecture !== "x64") {
    throw new CommandFailure(
      "refused",
      "SLACK_DOUBLE_UNAVAILABLE",
      `The Slack double runs on Linux x64 only, and this is ${platform} ${architecture}.`,
      { next: "Start without --slack-double, or with a real workspace: docs/SLACK.md says how." },
    );
  }
  try {
    return join(dirname(createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`)), "bin", "local-slack");
  } catch {
    throw new CommandFailure("refused", "SLACK_DOUBLE_UNAVAILABLE", `The package ${PACKAGE} is not installed.`, {
      next: "Run npm ci without --omit=optional.",
    });
  }
}

const PACKAGE = "local-slack-linux-x64";
const PRELOAD = fileURLToPath(new URL("preload.js", import.meta.url));
const START_MS = 15_000;

function doubleConfiguration({ workspace, requestUrl }: DoubleOptions) {
  const { team, app, users, channels } = workspace;
  return {
    workspace: { name: "Countersign double", domain: "countersign-double", teamId: team },
    apps: [
      {
        appId: app.id,
        botUserId: app.botUser,
        botName: "countersign",
        botToken: app.botToken,
        appToken: app.appToken,
        signingSecret: app.signingSecret,
        ...(requestUrl === null ? { mode: "socket" } : { mode: "events", requestUrl }),
      },
    ],
    users: users.map(({ id, name, realName, email, bot }) => ({
      id,
      name,
      real_name: realName,
      is_bot: bot ?? false,
      ...(email === null ? {} : { email }),
    })),
    channels: channels.map(({ id, name, members }) => ({ id, name, members: [...members, app.botUser] })),
  };
}

function answers(url: string): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(1_000) }).then(
    (response) => response.ok,
    () => false,
  );
}
