import { readFileSync } from "node:fs";
import { Command } from "commander";
import { migrate } from "../db/migrate.ts";
import { usage } from "./exit-codes.ts";
import { say, sayJson } from "./terminal.ts";

export function migrateCommand(): Command {
  return new Command("migrate")
    .description("Bring the database up to date: roles, then every migration that is missing. For operators.")
    .option("--json", "print what was applied as JSON")
    .addHelpText(
      "after",
      [
        "",
        "Needs COUNTERSIGN_DATABASE_URL with the migrator's role, and the passwords that the two roles get:",
        "COUNTERSIGN_APP_PASSWORD and COUNTERSIGN_EXECUTOR_PASSWORD. Each may be a file: NAME_FILE.",
        "",
        "Example:",
        "  $ countersign migrate --json",
      ].join("\n"),
    )
    .action(run);
}

async function run(options: { json?: boolean }): Promise<void> {
  const adminUrl = secretOf("COUNTERSIGN_DATABASE_URL");
  if (!/^postgres(ql)?:\/\//.test(adminUrl)) throw usage("COUNTERSIGN_DATABASE_URL is not a postgres:// address.");
  const passwords = {
    appPassword: secretOf("COUNTERSIGN_APP_PASSWORD"),
    executorPassword: secretOf("COUNTERSIGN_EXECUTOR_PASSWORD"),
  };
  const { applied } = await migrate(adminUrl, passwords);
  if (options.json) return sayJson({ applied });
  say(applied.length === 0 ? "Nothing was missing." : `Applied ${applied.join(", ")}.`);
}

function secretOf(name: string): string {
  const file = process.env[`${name}_FILE`];
  const value = file ? readFileSync(file, "utf8").trim() : process.env[name];
  if (!value) throw usage(`${name} is not set.`, "See `countersign migrate --help`.");
  return value;
}
