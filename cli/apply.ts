import { Command } from "commander";
import { withDefaults } from "../config/configuration-source.ts";
import { createVerifier } from "../crypto/signature.ts";
import { loadTrust } from "../crypto/trust-file.ts";
import { latestConfiguration } from "../db/read/configuration.ts";
import { withDatabase } from "./administration.ts";
import { applyConfiguration, draftOf, readConfigurationFiles, withImported } from "./apply-configuration.ts";
import { type Comparable, changesBetween } from "./configuration-changes.ts";
import { CommandFailure, usage } from "./exit-codes.ts";
import { askMembers, type Membership } from "./imported-members.ts";
import { slackClient, slackShell } from "./slack-access.ts";
import { confirmed, remark, say, sayJson, someoneIsThere } from "./terminal.ts";

type Options = {
  file: string;
  policies: string;
  keyFile?: string;
  dryRun?: boolean;
  yes?: boolean;
  json?: boolean;
};

export function applyCommand(): Command {
  return new Command("apply")
    .description("Check people, targets and policies, show what changes, sign it, and put it in force.")
    .option("-f, --file <file>", "the configuration", "countersign.yaml")
    .option("--policies <directory>", "the policies that go with it", "policies")
    .option("--key-file <file>", "the operator's private key (COUNTERSIGN_OPERATOR_KEY_FILE)")
    .option("--dry-run", "check and show, write nothing")
    .option("-y, --yes", "do not ask again; required where no terminal is attached")
    .option("--json", "print version, digest and changes as JSON")
    .addHelpText(
      "after",
      [
        "",
        "Needs COUNTERSIGN_DATABASE_URL with the migrator's role. With COUNTERSIGN_TRUST_FILE the signature of",
        "what is in force is checked before it is compared. Nothing is written when anything has an error.",
        "Groups that slack.user_groups names get the members Slack has at this moment: needs SLACK_BOT_TOKEN.",
        "",
        "Example:",
        "  $ countersign apply --key-file operator.jwk.json --dry-run",
      ].join("\n"),
    )
    .action(apply);
}

async function apply(options: Options): Promise<void> {
  const files = readConfigurationFiles(options.file, options.policies);
  const written = draftOf(files);
  const operatorKeyFile = options.keyFile ?? process.env.COUNTERSIGN_OPERATOR_KEY_FILE;
  if (!operatorKeyFile && !options.dryRun)
    throw usage("Whose key signs it?", "Pass --key-file, or --dry-run to only look.");
  if (!options.yes && !options.dryRun && !someoneIsThere()) {
    throw usage("Nobody is here to confirm the changes.", "Add --yes to apply unasked.");
  }
  const before = await inForce();
  const memberships = await membershipsOf(written);
  const draft = withImported(written, before, memberships, Date.now());
  const changes = changesBetween(before, draft);
  const report = { version: before?.version ?? 0, digest: before?.digest ?? null, changes };
  if (!options.json) {
    remark(
      before ? `Version ${before.version} is in force.` : "Nothing is in force yet.",
      ...changes.map((line) => `  ${line}`),
    );
  }
  if (options.dryRun || changes.length === 0) {
    if (options.json) return sayJson({ ...report, applied: false });
    return say(changes.length === 0 ? "Nothing changes." : `${changes.length} changes, nothing written.`);
  }
  if (!options.yes && !(await confirmed("Put this in force?"))) {
    throw new CommandFailure("refused", "NOT_CONFIRMED", "Nothing was written.");
  }
  const adminUrl = process.env.COUNTERSIGN_DATABASE_URL ?? "";
  const { version, digest } = await applyConfiguration({
    ...{ files, adminUrl, operatorKeyFile: operatorKeyFile ?? "" },
    ...(memberships === null ? {} : { memberships }),
  });
  if (options.json) return sayJson({ version, digest, changes, applied: true });
  say(`Version ${version} is in force: ${digest}`);
}

/** Who is in the imported groups, by Slack; null when nothing is imported or there is no token to ask with. */
export async function membershipsOf({ slack, directory }: Comparable): Promise<Membership[] | null> {
  if (slack === null || slack.userGroups.length === 0) return null;
  const { botToken, apiUrl } = slackShell();
  if (botToken === null) {
    remark("SLACK_BOT_TOKEN is not set: members of imported groups stay as they were.");
    return null;
  }
  const { memberships, strangers } = await askMembers(slackClient(botToken, apiUrl), slack, directory);
  for (const { userGroup, accounts } of strangers) {
    remark(`${userGroup} has members that nobody in ${DIRECTORY} is: ${accounts.join(", ")}. They do not count.`);
  }
  return memberships;
}

const DIRECTORY = "countersign.yaml";

/** What the changes are counted from; a row that nobody we trust signed is no base for comparing. */
async function inForce() {
  const latest = await withDatabase((database) => latestConfiguration(database));
  const trustFile = process.env.COUNTERSIGN_TRUST_FILE;
  if (latest && trustFile) await createVerifier(loadTrust(trustFile)).verify("configuration", latest.signed);
  return latest && { ...withDefaults(latest.signed.content), digest: latest.digest };
}
