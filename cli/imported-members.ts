import type { WebClient } from "@slack/web-api";
import type { Configuration, ImportedMember, SlackSettings } from "../config/configuration.ts";
import { type Directory, type GroupId, type Instant, type PersonId, personBehind } from "../core/principal.ts";
import { slackCommandFailure } from "./slack-access.ts";

/** Who is in a group at this moment because a user group says so. */
export type Membership = { group: GroupId; person: PersonId };
/** `strangers`: accounts of the user groups that nobody in the directory has. */
export type Members = { memberships: Membership[]; strangers: { userGroup: string; accounts: string[] }[] };

/**
 * Asks Slack who is in each imported user group. Only accounts that the directory itself has count: what becomes
 * part of the configuration an operator signs comes from what operators wrote.
 */
export async function askMembers(web: WebClient, slack: SlackSettings, directory: Directory): Promise<Members> {
  const members: Members = { memberships: [], strangers: [] };
  for (const { group, userGroup } of slack.userGroups) {
    const users = await usersOf(web, userGroup);
    const unknown: string[] = [];
    for (const user of users) {
      const entry = directory.people.find(({ accounts }) => accounts.includes(`slack:${slack.team}/${user}`));
      const person = entry ? personBehind(directory, entry.id) : null;
      if (person === null) unknown.push(user);
      else members.memberships.push({ group, person: person.id });
    }
    if (unknown.length > 0) members.strangers.push({ userGroup, accounts: unknown });
  }
  return members;
}

/**
 * What is signed: whoever was there in the version before stays since when they were, whoever is new counts from
 * now. `asked` null: Slack was not asked, so what was known stays for groups and people that are still there.
 */
export function importedMembers(
  before: ImportedMember[],
  asked: Membership[] | null,
  { slack, directory }: Pick<Configuration, "slack" | "directory">,
  now: Instant,
): ImportedMember[] {
  const groups = new Set(slack?.userGroups.map(({ group }) => group) ?? []);
  const people = new Set(directory.people.map(({ id }) => id));
  const wanted = (asked ?? before).filter(({ group, person }) => groups.has(group) && people.has(person));
  const byName = new Map<string, ImportedMember>();
  for (const { group, person } of wanted) {
    const known = before.find((one) => one.group === group && one.person === person);
    byName.set(`${group} ${person}`, { group, person, since: known?.since ?? now });
  }
  return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, member]) => member);
}

async function usersOf(web: WebClient, userGroup: string): Promise<string[]> {
  try {
    const { users } = await web.usergroups.users.list({ usergroup: userGroup });
    return users ?? [];
  } catch (error) {
    throw slackCommandFailure(`The members of the user group ${userGroup} cannot be read`, error);
  }
}
