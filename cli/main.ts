import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Command, CommanderError } from "commander";
import { applyCommand } from "./apply.ts";
import { credentialCommand } from "./credential.ts";
import { devCommand } from "./dev/command.ts";
import { doctorCommand } from "./doctor.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { explainFailure } from "./failure.ts";
import { freezeCommand } from "./freeze.ts";
import { listCommand } from "./list.ts";
import { policyCommand } from "./policy.ts";
import { requestCommand } from "./request.ts";
import { reviewCommand } from "./review.ts";
import { showCommand } from "./show.ts";

export function createProgram(): Command {
  const program = new Command("countersign")
    .description("Action-level approvals for AI agents: ask, answer, look, configure.")
    .showHelpAfterError("(add --help for options and an example)")
    .addHelpText("after", exitCodeTable());
  const commands = [
    devCommand(),
    requestCommand(),
    reviewCommand(),
    listCommand(),
    showCommand(),
    policyCommand(),
    applyCommand(),
    freezeCommand(),
    credentialCommand(),
    doctorCommand(),
  ];
  for (const command of commands) program.addCommand(command);
  for (const command of everyCommand(program)) command.exitOverride().configureHelp({ helpWidth: 100 });
  return program;
}

/** Runs one command line and sets the exit code; prints what went wrong, once, in one place. */
export async function main(argv: string[]): Promise<void> {
  try {
    await createProgram().parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has printed its own sentence; help and version are no errors.
      process.exitCode = error.exitCode === 0 ? EXIT_CODES.ok.code : EXIT_CODES.usage.code;
    } else {
      process.exitCode = explainFailure(error, argv.includes("--json"));
    }
  }
}

function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap((child) => everyCommand(child as Command))];
}

function exitCodeTable(): string {
  const rows = Object.values(EXIT_CODES).map(({ code, meaning }) => `  ${code}  ${meaning}`);
  return ["", "Exit codes:", ...rows, "", "Example:", "  $ countersign list", ""].join("\n");
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) await main(process.argv);
