import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Command, CommanderError } from "commander";
import { EXIT_CODES } from "./exit-codes.ts";
import { explainFailure } from "./failure.ts";

/** Each in a file of its own, loaded when it is asked for: most need neither a database nor Temporal. */
const COMMANDS: { [name: string]: () => Promise<Command> } = {
  dev: async () => (await import("./dev/command.ts")).devCommand(),
  request: async () => (await import("./request.ts")).requestCommand(),
  review: async () => (await import("./review.ts")).reviewCommand(),
  list: async () => (await import("./list.ts")).listCommand(),
  show: async () => (await import("./show.ts")).showCommand(),
  policy: async () => (await import("./policy.ts")).policyCommand(),
  apply: async () => (await import("./apply.ts")).applyCommand(),
  migrate: async () => (await import("./migrate.ts")).migrateCommand(),
  freeze: async () => (await import("./freeze.ts")).freezeCommand(),
  credential: async () => (await import("./credential.ts")).credentialCommand(),
  keys: async () => (await import("./keys.ts")).keysCommand(),
  doctor: async () => (await import("./doctor.ts")).doctorCommand(),
};

/** With `first`, the first word of the command line, no more than that command; else all of them. */
export async function createProgram(first?: string): Promise<Command> {
  const program = new Command("countersign")
    .description("Action-level approvals for AI agents: ask, answer, look, configure.")
    .showHelpAfterError("(add --help for options and an example)")
    .addHelpText("after", exitCodeTable());
  const asked = first !== undefined && Object.hasOwn(COMMANDS, first) ? [first] : Object.keys(COMMANDS);
  for (const name of asked) {
    const command = await COMMANDS[name]?.();
    if (command) program.addCommand(command);
  }
  for (const command of everyCommand(program)) command.exitOverride().configureHelp({ helpWidth: 100 });
  return program;
}

/** Runs one command line and sets the exit code; prints what went wrong, once, in one place. */
export async function main(argv: string[]): Promise<void> {
  try {
    const program = await createProgram(argv[2]);
    await program.parseAsync(argv);
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
