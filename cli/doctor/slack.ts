import { existsSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import type { Configuration } from "../../config/configuration.ts";
import { withDefaults } from "../../config/configuration-source.ts";
import { parseConfiguration } from "../../config/yaml.ts";
import { connect, type Database } from "../../db/client.ts";
import { latestConfiguration } from "../../db/read/configuration.ts";
import { failureOf } from "../failure.ts";
import { type SlackShell, slackClient } from "../slack-access.ts";
import { type Finding, notChecked, ok, wrong } from "./check.ts";
import { checkInbound, checkToken } from "./slack-app.ts";
import { checkConversations, checkPeople, checkSurfaces, checkUserGroups } from "./slack-places.ts";

export type SlackSurroundings = { shell: SlackShell; databaseUrl: string | null; file: string };

/** Everything between Slack and us, in the order in which it is set up. */
export async function checkSlack({ shell, databaseUrl, file }: SlackSurroundings): Promise<Finding[]> {
  if (databaseUrl === null) return lookWith(shell, fileConfiguration(file), null);
  const database = connect(databaseUrl, { max: 1 });
  try {
    const latest = await latestConfiguration(database);
    const known: Known = latest
      ? { configuration: withDefaults(latest.signed.content), from: `version ${latest.version}, in force` }
      : { problem: wrong("configuration", "none has been applied", "Apply one: `countersign apply`.") };
    return await lookWith(shell, known, database);
  } catch (error) {
    const failure = failureOf(error);
    return [wrong("database", failure.message, failure.next ?? "Check COUNTERSIGN_DATABASE_URL.")];
  } finally {
    await database.close();
  }
}

type Known = { configuration: Configuration; from: string } | { problem: Finding };

async function lookWith(shell: SlackShell, known: Known, database: Database | null): Promise<Finding[]> {
  const configuration = "configuration" in known ? known.configuration : null;
  const findings = [configurationFinding(known)];
  const slack = configuration?.slack ?? null;
  if (shell.botToken === null) {
    return [...findings, wrong("bot token", "SLACK_BOT_TOKEN is not set", "docs/SLACK.md says where the token is.")];
  }
  const web = slackClient(shell.botToken, shell.apiUrl);
  const token = await checkToken(web, slack);
  const works = token.some(({ check, result }) => check === "bot token" && result === "ok");
  findings.push(...token);
  findings.push(...(await checkInbound(shell)));
  if (works && configuration !== null && slack !== null) {
    findings.push(...(await checkConversations(web, slack)));
    findings.push(...(await checkUserGroups(web, slack)));
    findings.push(...(await checkPeople(web, configuration)));
  }
  const cards =
    database === null ? [notChecked("cards", "set COUNTERSIGN_DATABASE_URL")] : await checkSurfaces(database);
  return [...findings, ...cards];
}

function configurationFinding(known: Known): Finding {
  if ("problem" in known) return known.problem;
  const { slack } = known.configuration;
  if (slack === null) {
    return wrong("configuration", `${known.from}: has no slack section`, "Add one to countersign.yaml and apply it.");
  }
  const decisions = slack.allowDecisions ? "people answer in Slack" : "cards tell and link only";
  return ok("configuration", `${known.from}: workspace ${slack.team}, ${decisions}`);
}

/** Without a database: what the next `countersign apply` would say. */
function fileConfiguration(file: string): Known {
  if (!existsSync(file))
    return { problem: notChecked("configuration", `there is no ${file}, and no database is named`) };
  try {
    const draft = parseConfiguration(readFileSync(file, "utf8"), basename(file));
    const configuration = { ...draft, version: 0, appliedAt: 0, policies: [] };
    return { configuration, from: `${basename(file)}, not what is in force` };
  } catch (error) {
    return {
      problem: wrong("configuration", failureOf(error).message, "Correct it; `countersign apply --dry-run` looks."),
    };
  }
}
