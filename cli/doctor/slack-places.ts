import type { WebClient } from "@slack/web-api";
import { fixOf, slackFailure } from "../../channels/slack/failure.ts";
import { userProblem } from "../../channels/slack/people.ts";
import type { Configuration, SlackSettings } from "../../config/configuration.ts";
import { LIMITS } from "../../core/limits.ts";
import { type Person, personBehind } from "../../core/principal.ts";
import { isReasonCode, REASON_CODES } from "../../core/reason-codes.ts";
import type { Database } from "../../db/client.ts";
import { refusedSurfaces } from "../../db/surfaces.ts";
import { literal } from "../../privacy/literal.ts";
import { nextStep } from "../slack-access.ts";
import { type Finding, notChecked, ok, wrong } from "./check.ts";

/** Is the app in every conversation that requests are shown in? */
export async function checkConversations(web: WebClient, { conversations }: SlackSettings): Promise<Finding[]> {
  if (conversations.length === 0) {
    return [notChecked("conversations", "none is configured; requests are shown in no conversation")];
  }
  const findings: Finding[] = [];
  for (const { id } of conversations) findings.push(await checkConversation(web, id));
  return findings;
}

/** Can every user group be read that members are imported from? */
export async function checkUserGroups(web: WebClient, { userGroups }: SlackSettings): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { group, userGroup } of userGroups) {
    const check = `user group ${userGroup}`;
    try {
      const { users } = await web.usergroups.users.list({ usergroup: userGroup });
      findings.push(ok(check, `has ${users?.length ?? 0} members, for ${group}; countersign apply imports them`));
    } catch (error) {
      const failure = slackFailure(error);
      findings.push(wrong(check, `Slack says ${failure.code}`, nextStep(failure)));
    }
  }
  return findings;
}

/** Who has no account to answer from, and whose account nobody may answer from? */
export async function checkPeople(web: WebClient, configuration: Configuration): Promise<Finding[]> {
  const { slack, directory } = configuration;
  if (slack === null) return [];
  const findings: Finding[] = [];
  const active = directory.people.filter(({ active }) => active);
  const accounts = active.flatMap(({ id, accounts }) => accounts.map((account) => ({ id, account })));
  for (const { id, account } of accounts.slice(0, LIMITS.doctorAccounts)) {
    const finding = await accountProblem(web, slack.team, id, account.slice(account.indexOf("/") + 1));
    if (finding) findings.push(finding);
  }
  if (findings.length === 0 && accounts.length > 0) {
    findings.push(ok("accounts", `${Math.min(accounts.length, LIMITS.doctorAccounts)} of people, all in order`));
  }
  const without = active.filter((person) => isReviewer(person) && !hasAccount(person, configuration));
  if (without.length > 0) {
    const names = without.map(({ id }) => id).join(", ");
    findings.push(
      notChecked(
        "people",
        `no account in countersign.yaml: ${names}; each can send /approvals link, or get slack: there`,
      ),
    );
  }
  return findings;
}

/** Where could cards not be shown lately, and why? */
export async function checkSurfaces(database: Database): Promise<Finding[]> {
  const refused = await refusedSurfaces(database, LIMITS.doctorSurfaces);
  if (refused.length === 0) return [ok("cards", "none was refused")];
  return refused.map(({ conversation, error, updatedAt }) => {
    const code = error ?? "unknown";
    const detail = `refused in ${conversation}: ${literal(code)}, ${new Date(updatedAt).toISOString()}`;
    return wrong("cards", detail, fixOf(code) ?? "The log of the channels process says more.");
  });
}

async function checkConversation(web: WebClient, id: string): Promise<Finding> {
  const check = `conversation ${id}`;
  try {
    const { channel } = await web.conversations.info({ channel: id });
    const name = literal(`#${channel?.name ?? "?"}`);
    if (channel?.is_archived)
      return wrong(check, `${name} is archived`, "Restore it, or take it out of countersign.yaml.");
    if (!channel?.is_member)
      return wrong(check, `the app is not in ${name}`, `Say /invite with the app's name in ${name}.`);
    const shared = channel.is_ext_shared ? "; shared with another company, whose people see the cards" : "";
    return ok(check, `the app is in ${name}${shared}`);
  } catch (error) {
    const failure = slackFailure(error);
    return wrong(check, `Slack says ${failure.code}`, nextStep(failure));
  }
}

async function accountProblem(web: WebClient, team: string, person: string, user: string): Promise<Finding | null> {
  const check = `account ${user}`;
  try {
    const { user: found } = await web.users.info({ user });
    const code = found ? userProblem(found, team) : "REVIEW_OUTSIDER";
    if (code === null) return null;
    const sentence = isReasonCode(code) ? REASON_CODES[code].sentence : code;
    return wrong(check, `of ${person}: ${sentence}`, "Correct the account in countersign.yaml and apply it.");
  } catch (error) {
    const failure = slackFailure(error);
    return wrong(check, `of ${person}: Slack says ${failure.code}`, nextStep(failure));
  }
}

function isReviewer({ groups, sameAs }: Person): boolean {
  return sameAs === null && groups.length > 0;
}

function hasAccount(person: Person, { directory }: Configuration): boolean {
  const entries = directory.people.filter(({ id }) => personBehind(directory, id)?.id === person.id);
  return entries.some(({ accounts }) => accounts.length > 0);
}
