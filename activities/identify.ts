import { ApplicationFailure } from "@temporalio/common";
import { ChannelFailure } from "../channels/channel.ts";
import { createFreshUsers } from "../channels/slack/fresh-users.ts";
import { partsOf, peopleWithAddress, personOf, type SlackUser, userProblem } from "../channels/slack/people.ts";
import type { Configuration } from "../config/configuration.ts";
import type { AccountLink, Identification } from "../core/identification.ts";
import { LIMITS } from "../core/limits.ts";
import { type AccountId, isAccount } from "../core/principal.ts";
import { linksAbout } from "../db/account-links.ts";
import { beating } from "./beating.ts";
import type { ChannelsContext } from "./context.ts";
import { holds } from "./sender.ts";
import type { ChannelActivities, Identified } from "./types.ts";

/** Says under this process's own key whose account sent one message; for a message nobody signed it says nothing. */
export function createIdentify(context: ChannelsContext): Pick<ChannelActivities, "identify"> {
  const ask = createFreshUsers({ ask: context.userInfo, now: context.now });
  return {
    async identify({ signed, earlier }) {
      const { configuration } = await context.inForce();
      if (!(await holds("message", signed, context.verifier(configuration))))
        return refused("REVIEW_SIGNATURE_INVALID");
      const { principal: account, evidence, id: messageId, requestId, signedAt } = signed.content;
      if (!isAccount(account) || evidence.method !== "slack") return refused("REVIEW_SIGNATURE_INVALID");
      const { team, userId } = partsOf(account);
      if (userId === null || team === null || team !== configuration.slack?.team) return refused("REVIEW_OUTSIDER");

      let asked: { user: SlackUser; at: number };
      try {
        asked = await beating(() => ask(userId, team, signedAt - LIMITS.identityFreshSeconds * 1000));
      } catch (error) {
        if (isNobody(error)) return refused("REVIEW_OUTSIDER");
        throw failureOf(error);
      }
      const problem = userProblem(asked.user, team);
      if (problem !== null) return refused(problem);
      const links = await verifiedLinks(context, configuration, account, asked.user);
      const whose = personOf(account, { configuration, links, user: asked.user });
      if (!whose.ok) return whose;
      const { person, found } = whose;
      let off: AccountId[];
      try {
        off = await beating(() => switchedOff(earlier, team, (userId) => ask(userId, team, context.now())));
      } catch (error) {
        throw failureOf(error);
      }
      const { at } = asked;
      const content: Identification = { version: 1, requestId, messageId, account, person, found, off, at };
      return { ok: true, identification: await context.signer.sign("identification", content) };
    },
  };
}

/** Of the accounts that answered before, those that nobody may answer from any more; each asked anew. */
async function switchedOff(
  earlier: AccountId[],
  team: string,
  ask: (userId: string) => Promise<{ user: SlackUser }>,
): Promise<AccountId[]> {
  const off: AccountId[] = [];
  for (const account of earlier.slice(0, LIMITS.accountsAskedAgain)) {
    const { userId } = partsOf(account);
    if (userId === null || (await isOff(ask(userId), team))) off.push(account);
  }
  return off;
}

async function isOff(asked: Promise<{ user: SlackUser }>, team: string): Promise<boolean> {
  try {
    return userProblem((await asked).user, team) !== null;
  } catch (error) {
    if (isNobody(error)) return true;
    throw error;
  }
}

/** A row alone links nobody: what counts is what the API signed for the person who held the token. */
async function verifiedLinks(
  context: ChannelsContext,
  configuration: Configuration,
  account: AccountId,
  user: SlackUser,
): Promise<AccountLink[]> {
  const addressed = peopleWithAddress(configuration, user).flatMap(({ id, sameAs }) => {
    const behind = sameAs ?? id;
    return configuration.directory.people.filter((one) => (one.sameAs ?? one.id) === behind).map((one) => one.id);
  });
  const links = await linksAbout(context.db, account, addressed);
  const verifier = context.verifier(configuration);
  const checked = await Promise.all(
    links.map(async (link) => ((await holds("link", link, verifier)) ? link.content : null)),
  );
  return checked.filter((link) => link !== null);
}

/** Slack knows no such account in this workspace, which is an answer and not a failure. */
function isNobody(error: unknown): boolean {
  return (
    error instanceof ChannelFailure && ["user_not_found", "users_not_found", "user_not_visible"].includes(error.code)
  );
}

/** The workflow waits a bounded time for another try; what only the set-up can mend is not tried again. */
function failureOf(error: unknown): unknown {
  if (!(error instanceof ChannelFailure)) return error;
  return ApplicationFailure.create({
    type: "IDENTITY_UNAVAILABLE",
    message: `Slack did not say whose account it is: ${error.message}`,
    nonRetryable: error.kind === "refused",
    ...(error.retryAfterMs === null ? {} : { nextRetryDelay: error.retryAfterMs }),
  });
}

function refused(code: string): Identified {
  return { ok: false, code };
}
