import { slackFailure } from "../../channels/slack/failure.ts";
import { createFreshUsers } from "../../channels/slack/fresh-users.ts";
import { partsOf, peopleWithAddress, personOf, type SlackUser, userProblem } from "../../channels/slack/people.ts";
import type { Configuration } from "../../config/configuration.ts";
import { CountersignError } from "../../core/errors.ts";
import type { AccountLink } from "../../core/identification.ts";
import type { AccountId } from "../../core/principal.ts";
import type { Signed } from "../../core/request.ts";
import { linksAbout } from "../../db/account-links.ts";
import type { PersonIdentity } from "../auth/identity.ts";
import { personIdentity } from "../auth/person-identity.ts";
import type { ApiContext } from "../context.ts";
import type { Identified, SlackContext } from "./slack-context.ts";

/**
 * Who an account is, for reading, for switches and for delegating. An answer to a request is identified by the
 * channels process under a key of its own, so what is said here decides nothing. Throws only what the database
 * or a broken program throws; whom Slack could not be asked about is refused.
 */
export function accountReader(api: ApiContext, web: SlackContext["web"]): SlackContext["identify"] {
  const ask = createFreshUsers({ ask: (userId) => userInfo(web, userId), now: api.clock });
  return async (account) => {
    const { configuration } = await api.configuration.inForce();
    const { team, userId } = partsOf(account);
    if (team === null || userId === null || team !== configuration.slack?.team) return refused("REVIEW_OUTSIDER");
    const answer = await ask(userId, team).catch(failed);
    if (typeof answer === "string") return refused(answer);
    const problem = userProblem(answer.user, team);
    if (problem !== null) return refused(problem);
    const links = await verifiedLinks(api, configuration, account, answer.user);
    const whose = personOf(account, { configuration, links, user: answer.user });
    return whose.ok ? personAt(api, account, whose.person) : refused(whose.code);
  };
}

async function userInfo(web: SlackContext["web"], userId: string): Promise<SlackUser> {
  const { user } = await web.users.info({ user: userId });
  if (user === undefined) throw new Error("Slack answered without the account that was asked about");
  return user;
}

/** Slack knows no such account, which is an answer; everything else only says that it could not be asked. */
function failed(error: unknown): "REVIEW_OUTSIDER" | "REVIEW_IDENTITY_UNAVAILABLE" {
  const { code } = slackFailure(error);
  return code === "user_not_found" || code === "user_not_visible" ? "REVIEW_OUTSIDER" : "REVIEW_IDENTITY_UNAVAILABLE";
}

/** A row alone links nobody: what counts is what was signed for the person who held the token. */
async function verifiedLinks(
  { database, verifier }: ApiContext,
  configuration: Configuration,
  account: AccountId,
  user: SlackUser,
): Promise<AccountLink[]> {
  const behind = new Set(peopleWithAddress(configuration, user).map(({ id, sameAs }) => sameAs ?? id));
  const entries = configuration.directory.people.filter((one) => behind.has(one.sameAs ?? one.id)).map((one) => one.id);
  const links = await linksAbout(database, account, entries);
  const held = await Promise.all(links.map((link) => holds(verifier, link)));
  return links.filter((_, index) => held[index]).map((link) => link.content);
}

async function holds(verifier: ApiContext["verifier"], link: Signed<AccountLink>): Promise<boolean> {
  try {
    await verifier.verify("link", link);
    return true;
  } catch (error) {
    if (error instanceof CountersignError) return false;
    throw error;
  }
}

async function personAt(api: ApiContext, account: AccountId, person: PersonIdentity["id"]): Promise<Identified> {
  try {
    const standing = await personIdentity(person, api);
    return {
      kind: "person",
      identity: { ...standing, method: "slack", credentialId: account, scopes: [], expiresAt: null },
    };
  } catch (error) {
    if (!(error instanceof CountersignError)) throw error;
    if (error.code === "UNAUTHENTICATED") return refused("REVIEW_UNKNOWN_PERSON");
    if (error.code === "FORBIDDEN") return refused("REVIEW_INACTIVE");
    throw error;
  }
}

function refused(code: string): Identified {
  return { kind: "refused", code };
}
