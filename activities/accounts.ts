import type { Configuration } from "../config/configuration.ts";
import { type AccountId, type PersonId, personBehind } from "../core/principal.ts";
import { linksAbout } from "../db/account-links.ts";
import type { ActivityContext } from "./context.ts";
import { holds } from "./sender.ts";

/**
 * Where each of these people is told something: an account the directory has, else the newest they linked
 * themselves. Who has neither is missing from the answer.
 */
export async function accountsOf(
  { db, verifier }: Pick<ActivityContext, "db" | "verifier">,
  configuration: Configuration,
  people: PersonId[],
): Promise<Map<PersonId, AccountId>> {
  const { directory, slack } = configuration;
  const here = (account: AccountId) => slack !== null && account.startsWith(`slack:${slack.team}/`);
  const behind = (id: PersonId) => personBehind(directory, id)?.id ?? id;
  const found = new Map<PersonId, AccountId>();
  for (const entry of directory.people) {
    const person = behind(entry.id);
    const account = entry.accounts.find(here);
    // A second entry of a person speaks where the first says nothing.
    const first = entry.sameAs === null || !found.has(person);
    if (account !== undefined && people.includes(person) && first) found.set(person, account);
  }
  const others = directory.people.filter(({ id }) => people.includes(behind(id)) && !found.has(behind(id)));
  const trusted = verifier(configuration);
  const links = await linksAbout(
    db,
    null,
    others.map(({ id }) => id),
  );
  for (const link of links) {
    const { account } = link.content;
    const person = behind(link.content.person);
    if (!found.has(person) && here(account) && (await holds("link", link, trusted))) found.set(person, account);
  }
  return found;
}
