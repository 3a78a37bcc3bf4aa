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
  const found = new Map<PersonId, AccountId>();
  for (const id of people) {
    const account = personBehind(directory, id)?.accounts.find(here);
    if (account !== undefined) found.set(id, account);
  }
  const others = people.filter((id) => !found.has(id));
  const trusted = verifier(configuration);
  for (const link of await linksAbout(db, null, others)) {
    const { person, account } = link.content;
    if (!found.has(person) && here(account) && (await holds("link", link, trusted))) found.set(person, account);
  }
  return found;
}
