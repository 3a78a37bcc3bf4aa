import { randomBytes } from "node:crypto";
import type { AccountLink } from "../core/identification.ts";
import { LIMITS } from "../core/limits.ts";
import { type AccountId, type Instant, type PersonId, personBehind } from "../core/principal.ts";
import { sha256 } from "../crypto/digest.ts";
import {
  consumeLinkToken,
  createLinkToken,
  endLink,
  keepLink,
  linkOf,
  linksAbout,
  linkTokenAccount,
} from "../db/account-links.ts";
import type { PersonIdentity } from "./auth/identity.ts";
import type { ApiContext } from "./context.ts";

/** Which account a token is about; `why`: nothing can come of it, in a sentence for whoever holds it. */
type Linking = { ok: true; account: AccountId } | { ok: false; why: string };

/** A link for one account, given to that account alone: whoever opens it signed in can make the account theirs, once. */
export async function beginLink(context: ApiContext, account: AccountId): Promise<{ url: string; expiresAt: Instant }> {
  const token = randomBytes(32).toString("base64url");
  const createdAt = context.clock();
  const expiresAt = createdAt + LIMITS.linkTokenSeconds * 1000;
  await createLinkToken(context.database, { hash: sha256(token), account, createdAt, expiresAt });
  return { url: `${context.settings.publicUrl}/link?token=${token}`, expiresAt };
}

/** Looks and changes nothing. */
export async function linkOffer(context: ApiContext, identity: PersonIdentity, token: string): Promise<Linking> {
  const account = await linkTokenAccount(context.database, sha256(token), context.clock());
  if (account === null) return { ok: false, why: SPENT };
  const why = await obstacle(context, identity, account);
  return why === null ? { ok: true, account } : { ok: false, why };
}

/** Uses the token up, then makes the account this person's. */
export async function link(context: ApiContext, identity: PersonIdentity, token: string): Promise<Linking> {
  const offer = await linkOffer(context, identity, token);
  if (!offer.ok) return offer;
  const account = await consumeLinkToken(context.database, sha256(token), context.clock());
  if (account === null) return { ok: false, why: SPENT };
  const person = identity.person.id;
  const content: AccountLink = { version: 1, id: context.newId("lnk"), account, person, at: context.clock() };
  await keepLink(context.database, await context.signer.sign("link", content));
  return { ok: true, account };
}

const SPENT = "This link was used before, has expired or is not one we gave out. Send /approvals link for a new one.";

export type OwnAccount = { account: AccountId; by: "directory" | "link"; since: Instant | null };

/** Accounts of one person: written down by operators, and linked by themselves, newest first. */
export async function accountsOfPerson(context: ApiContext, person: PersonId): Promise<OwnAccount[]> {
  const entries = await entriesOf(context, person);
  const links = await linksAbout(
    context.database,
    null,
    entries.map((entry) => entry.id),
  );
  return [
    ...entries
      .flatMap((entry) => entry.accounts)
      .map((account) => ({ account, by: "directory" as const, since: null })),
    ...links.map(({ content: { account, at } }) => ({ account, by: "link" as const, since: at })),
  ];
}

/** Only what somebody linked themselves; answers whether there was such a link. */
export async function endOwnLink(context: ApiContext, identity: PersonIdentity, account: AccountId): Promise<boolean> {
  const standing = await linkOf(context.database, account);
  const own = (await entriesOf(context, identity.person.id)).map((entry) => entry.id);
  if (standing === null || !own.includes(standing.content.person)) return false;
  return endLink(context.database, account, context.clock(), identity.person.id);
}

/** Why this account cannot become this person's; null when it can. */
async function obstacle(context: ApiContext, identity: PersonIdentity, account: AccountId): Promise<string | null> {
  const { configuration } = await context.configuration.inForce();
  const { directory, agents, slack } = configuration;
  if (slack === null || !account.startsWith(`slack:${slack.team}/`)) return "This account is of another workspace.";
  if (agents.some((agent) => agent.accounts.includes(account))) return "This account is an agent's.";
  const own = (id: PersonId) => personBehind(directory, id)?.id === identity.person.id;
  const listed = directory.people.find((person) => person.accounts.includes(account));
  if (listed) return own(listed.id) ? "This account is yours already." : TAKEN;
  const standing = await linkOf(context.database, account);
  if (standing === null) return null;
  return own(standing.content.person) ? "This account is yours already." : TAKEN;
}

/** Whose it is, is not for everybody to know. */
const TAKEN =
  "This account is somebody else's already. They have to end that first, or an operator corrects the directory.";

async function entriesOf(context: ApiContext, person: PersonId) {
  const { directory } = (await context.configuration.inForce()).configuration;
  return directory.people.filter((entry) => personBehind(directory, entry.id)?.id === person);
}
