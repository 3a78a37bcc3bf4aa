import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { generateDevelopmentKeys } from "../config/development-keys.ts";

/**
 * The files that docker-compose.yml and docker-compose.slack.yml name as secrets. What exists is left alone: a database
 * knows its passwords, and a pending request was signed with the keys that are there.
 */
const HELP = `Makes ./secrets for docker-compose.yml.

  node scripts/compose-secrets.ts --describe-url postgres://… --export-url postgres://…

--describe-url   the CRM, as its read-only role crm_describe
--export-url     the CRM, as its export role crm_export
--directory      where to (default: secrets)

With docker-compose.slack.yml: SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET, or SLACK_APP_TOKEN, in the environment,
where no other user of this machine reads them. docs/SLACK.md says where they come from.
`;

const { values } = parseArgs({
  options: {
    "describe-url": { type: "string" },
    "export-url": { type: "string" },
    directory: { type: "string", default: "secrets" },
    help: { type: "boolean" },
  },
});
if (values.help === true) {
  process.stdout.write(HELP);
} else if (values["describe-url"] === undefined || values["export-url"] === undefined) {
  process.stderr.write(`The executor needs the addresses of its target.\n\n${HELP}`);
  process.exitCode = 2;
} else {
  await make(values.directory, values["describe-url"], values["export-url"]);
}

async function make(directory: string, describeUrl: string, exportUrl: string): Promise<void> {
  // Containers run as another user, so the files are readable; nobody else gets into the directory.
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  await generateDevelopmentKeys(directory);
  const admin = once(directory, "postgres_password", secret);
  const app = once(directory, "app_password", secret);
  const executor = once(directory, "executor_password", secret);
  const url = (user: string, password: string) => `postgres://${user}:${password}@postgres:5432/countersign`;
  once(directory, "temporal_database_password", secret);
  once(directory, "session_secret", secret);
  once(directory, "surface_secret", secret);
  given(directory, "slack_bot_token", process.env.SLACK_BOT_TOKEN);
  given(directory, "slack_signing_secret", process.env.SLACK_SIGNING_SECRET);
  given(directory, "slack_app_token", process.env.SLACK_APP_TOKEN);
  once(directory, "admin_database_url", () => url("postgres", admin));
  once(directory, "app_database_url", () => url("countersign_app", app));
  once(directory, "executor_database_url", () => url("countersign_executor", executor));
  once(directory, "CRM_DESCRIBE_URL", () => describeUrl);
  once(directory, "CRM_EXPORT_URL", () => exportUrl);
  for (const file of readdirSync(directory)) chmodSync(join(directory, file), 0o444);
  process.stdout.write(`${directory} is complete. Keep a copy in a safe place, and operator-key.json elsewhere.\n`);
}

function once(directory: string, name: string, value: () => string): string {
  const file = join(directory, name);
  if (!existsSync(file)) writeFileSync(file, value());
  return readFileSync(file, "utf8");
}

function given(directory: string, name: string, value: string | undefined): void {
  if (value) once(directory, name, () => value);
}

function secret(): string {
  return randomBytes(32).toString("base64url");
}
