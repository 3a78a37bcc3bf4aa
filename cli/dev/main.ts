import { CommanderError } from "commander";
import { EXIT_CODES } from "../exit-codes.ts";
import { explainFailure } from "../failure.ts";
import { devCommand } from "./command.ts";

/** What `npm start` runs: `countersign dev` under its own name. */
const command = devCommand().name("npm start --").exitOverride();
try {
  await command.parseAsync(process.argv);
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : EXIT_CODES.usage.code;
  else process.exitCode = explainFailure(error, false);
}
// Whatever a library still keeps open is of no use any more.
process.exit();
