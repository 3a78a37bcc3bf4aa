import { Command } from "commander";
import { developmentFile } from "./connection.ts";
import { checkApi } from "./doctor/api.ts";
import type { Surroundings } from "./doctor/check.ts";
import { checkDatabase } from "./doctor/database.ts";
import { checkKeys } from "./doctor/keys.ts";
import { checkPayloadKeys } from "./doctor/payload-keys.ts";
import { sayFindings } from "./doctor/report.ts";
import { checkTemporal } from "./doctor/temporal.ts";
import { doctorSlackCommand } from "./doctor-slack.ts";

type Options = { url?: string; json?: boolean };

export function doctorCommand(): Command {
  return new Command("doctor")
    .description("Look whether everything is there and agrees, and say what to mend. Changes nothing.")
    .option("--url <url>", "address of the API (COUNTERSIGN_URL; else the running `npm start`)")
    .option("--json", "print the findings as JSON")
    .addHelpText(
      "after",
      [
        "",
        "Looks at what the environment names: COUNTERSIGN_URL, COUNTERSIGN_DATABASE_URL,",
        "COUNTERSIGN_TEMPORAL_ADDRESS, COUNTERSIGN_TEMPORAL_NAMESPACE, COUNTERSIGN_TRUST_FILE,",
        "COUNTERSIGN_SIGNING_KEY_FILE, COUNTERSIGN_PAYLOAD_KEYRING_FILE.",
        "",
        "Example:",
        "  $ countersign doctor --json",
        "",
        "Exits 0 when nothing is wrong, 3 when something does not answer, 1 when something else is wrong.",
      ].join("\n"),
    )
    .addCommand(doctorSlackCommand())
    .action(doctor);
}

async function doctor(options: Options): Promise<void> {
  const surroundings = surroundingsOf(options, process.env);
  const findings = (
    await Promise.all([checkApi(surroundings), checkDatabase(surroundings), checkTemporal(surroundings)])
  ).flat();
  findings.push(...checkKeys(surroundings), ...(await checkPayloadKeys(surroundings)));
  sayFindings(findings, options.json === true);
}

function surroundingsOf(options: Options, env: NodeJS.ProcessEnv): Surroundings {
  const development = developmentFile();
  const address = env.COUNTERSIGN_TEMPORAL_ADDRESS ?? development?.temporalAddress;
  return {
    apiUrl: options.url ?? env.COUNTERSIGN_URL ?? development?.apiUrl ?? null,
    databaseUrl: env.COUNTERSIGN_DATABASE_URL ?? null,
    temporal: address ? { address, namespace: env.COUNTERSIGN_TEMPORAL_NAMESPACE ?? "countersign" } : null,
    trustFile: env.COUNTERSIGN_TRUST_FILE ?? null,
    signingKeyFiles: [env.COUNTERSIGN_SIGNING_KEY_FILE ?? ""].filter((file) => file !== ""),
    payloadKeyringFile: env.COUNTERSIGN_PAYLOAD_KEYRING_FILE ?? null,
    now: Date.now,
  };
}
