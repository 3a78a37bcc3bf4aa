import { Command } from "commander";
import { sayFindings } from "./doctor/report.ts";
import { checkSlack } from "./doctor/slack.ts";
import { slackShell } from "./slack-access.ts";

type Options = { file: string; json?: boolean };

export function doctorSlackCommand(): Command {
  return new Command("slack")
    .description("Look at everything between Slack and us, from the token to each conversation. Changes nothing.")
    .option("-f, --file <file>", "the configuration, where no database is named", "countersign.yaml")
    .option("--json", "print the findings as JSON")
    .addHelpText(
      "after",
      [
        "",
        "Looks at what the environment names: SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET or SLACK_APP_TOKEN,",
        "SLACK_API_URL, COUNTERSIGN_PUBLIC_URL, COUNTERSIGN_DATABASE_URL. A secret may be a file: NAME_FILE.",
        "",
        "Example:",
        "  $ countersign doctor slack",
        "",
        "Exits 0 when nothing is wrong, 3 when Slack or the database does not answer, 1 when something else is wrong.",
      ].join("\n"),
    )
    .action(async (_options: Options, command: Command) => {
      const { file, json } = command.optsWithGlobals<Options>();
      const databaseUrl = process.env.COUNTERSIGN_DATABASE_URL || null;
      sayFindings(await checkSlack({ shell: slackShell(), databaseUrl, file }), json === true);
    });
}
