import type { Configuration } from "../../config/configuration.ts";
import type { AccountLink, Identification } from "../../core/identification.ts";
import { type AccountId, type Person, type PersonId, personBehind } from "../../core/principal.ts";

/** What `users.info` says of an account, as far as it matters to who may answer. */
export type SlackUser = {
  id?: string;
  team_id?: string;
  deleted?: boolean;
  is_bot?: boolean;
  is_workflow_bot?: boolean;
  is_connector_bot?: boolean;
  is_invited_user?: boolean;
  is_restricted?: boolean;
  is_ultra_restricted?: boolean;
  is_stranger?: boolean;
  is_email_confirmed?: boolean;
  enterprise_user?: { teams?: string[] };
  profile?: { email?: string };
};

export type Found = { ok: true; person: PersonId; found: Identification["found"] };
export type PersonOf = Found | { ok: false; code: string };

/**
 * Whose account this is. What operators wrote down comes first and is never overridden; then what the person
 * linked themselves; an address only where operators allow it and nothing else speaks of this person. `links`
 * have been verified: those of the account, and those of whoever `peopleWithAddress` names.
 */
export function personOf(
  account: AccountId,
  { configuration, links, user }: { configuration: Configuration; links: AccountLink[]; user: SlackUser },
): PersonOf {
  const { slack, directory } = configuration;
  const { team, userId } = partsOf(account);
  if (slack === null) return refused("REVIEW_CHANNEL_NOT_ALLOWED");
  if (team !== slack.team || userId === null || user.id !== userId) return refused("REVIEW_OUTSIDER");
  if (configuration.agents.some((agent) => agent.accounts.includes(account))) return refused("REVIEW_AGENT_ACCOUNT");

  const listed = directory.people.filter((person) => person.accounts.includes(account));
  if (listed.length > 0) return onlyOne(listed, "directory");

  const link = newest(links.filter((one) => one.account === account));
  if (link) {
    return onlyOne(
      directory.people.filter((person) => person.id === link.person),
      "link",
    );
  }
  const addressed = peopleWithAddress(configuration, user);
  const taken = addressed.some((person) => hasAccount(person, configuration, links));
  return taken ? refused("REVIEW_NOT_LINKED") : onlyOne(addressed, "email");
}

/** A reason code: why nobody answers from this account, whoever has it. null: it is a full member's. */
export function userProblem(user: SlackUser, team: string): string | null {
  const member = user.team_id === team || (user.enterprise_user?.teams ?? []).includes(team);
  if (user.is_stranger || !member) return "REVIEW_OUTSIDER";
  if (user.is_restricted || user.is_ultra_restricted) return "REVIEW_GUEST";
  const bot = user.is_bot || user.is_workflow_bot || user.is_connector_bot || user.id === SLACKBOT;
  if (user.deleted || bot || user.is_invited_user) return "REVIEW_ACCOUNT_OFF";
  return null;
}

/** Who the address of this account stands for, where operators let it stand for anybody: exact, and confirmed. */
export function peopleWithAddress({ slack, directory }: Configuration, user: SlackUser): Person[] {
  const address = user.profile?.email;
  // Letters beyond ASCII have look-alikes, some of which fold to the same lower case.
  if (slack === null || !user.is_email_confirmed || address === undefined || !ASCII.test(address)) return [];
  const wanted = address.toLowerCase();
  const domain = wanted.slice(wanted.lastIndexOf("@") + 1);
  if (!slack.emailDomains.includes(domain)) return [];
  return directory.people.filter(({ email }) => email?.toLowerCase() === wanted);
}

export function partsOf(account: AccountId): { team: string | null; userId: string | null } {
  const [, team = null, userId = null] = ACCOUNT.exec(account) ?? [];
  return { team, userId };
}

const ACCOUNT = /^slack:(T[A-Z0-9]{1,20})\/([UW][A-Z0-9]{1,20})$/;
const ASCII = /^[\x21-\x7e]+$/;
/** The one bot whose account does not say that it is one. */
const SLACKBOT = "USLACKBOT";

/** Two entries with one account or address: nobody can say whose answer it would be. */
function onlyOne(people: Person[], found: Found["found"]): PersonOf {
  const [person, ...others] = people;
  if (!person || others.length > 0) return refused("REVIEW_NOT_LINKED");
  return { ok: true, person: person.id, found };
}

/** Of any entry of the same person: an address never adds an account to somebody who has one. */
function hasAccount(person: Person, { directory }: Configuration, links: AccountLink[]): boolean {
  const behind = personBehind(directory, person.id)?.id ?? person.id;
  return directory.people
    .filter((other) => (personBehind(directory, other.id)?.id ?? other.id) === behind)
    .some((entry) => entry.accounts.length > 0 || links.some((link) => link.person === entry.id));
}

function newest(links: AccountLink[]): AccountLink | null {
  return links.reduce<AccountLink | null>((best, link) => (best === null || link.at > best.at ? link : best), null);
}

function refused(code: string): { ok: false; code: string } {
  return { ok: false, code };
}
