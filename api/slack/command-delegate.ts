import type { CommandAnswer } from "../../channels/command-answer.ts";
import { partsOf } from "../../channels/slack/people.ts";
import { type AccountId, isAccount } from "../../core/principal.ts";
import { sentenceOf } from "../../core/reason-codes.ts";
import type { PersonIdentity } from "../auth/identity.ts";
import { delegate, endDelegation } from "../delegating.ts";
import { accountsOfPerson } from "../linking.ts";
import { drawnAnswer, said, styleOf } from "./said.ts";
import type { SlackContext } from "./slack-context.ts";
import { tellIfPossible } from "./tell.ts";

type Caller = { account: AccountId; identity: PersonIdentity };

/** Somebody is away: a colleague answers for them until then. Both are told what that means. */
export async function delegateCommand(
  slack: SlackContext,
  { account, identity }: Caller,
  { user, until }: { user: string; until: number },
): Promise<CommandAnswer> {
  const colleague: AccountId = `slack:${partsOf(account).team ?? ""}/${user}`;
  const who = await slack.identify(colleague);
  if (who.kind === "refused") {
    const { why, next } = colleagueBecause(who.code);
    return said(`Nothing was changed: that colleague cannot answer for you. ${why}`, next);
  }
  const order = { to: who.identity.person.id, until, by: account };
  const delegated = await delegate(slack.api, identity, order);
  if (!delegated.ok) return said(`Nothing was changed. ${delegated.why}`);
  const told = await direct(slack, colleague, toDelegate(identity, until));
  return said(
    [{ mention: colleague, name: delegated.to.name }, " answers for you until ", { at: until }, "."],
    `${MEANS} You can still answer yourself. /approvals delegate off ends it.${told ? "" : ` ${NOT_TOLD}`}`,
  );
}

export async function endDelegationCommand(slack: SlackContext, caller: Caller): Promise<CommandAnswer> {
  const { account, identity } = caller;
  const colleague = await endDelegation(slack.api, identity, account);
  if (colleague === null) return said("Nobody answers for you, so there is nothing to end.");
  const theirs = (await accountsOfPerson(slack.api, colleague.id)).map((one) => one.account).find(isAccount);
  const back = said(`${identity.name} is back: you no longer answer for them. What you answered until now counts.`);
  const told = theirs !== undefined && (await direct(slack, theirs, back));
  const next = told ? "They were told." : NOT_TOLD;
  return said(`${colleague.name} no longer answers for you. What they answered until now counts.`, next);
}

/** Said of somebody else, so the next step is theirs. */
function colleagueBecause(code: string): { why: string; next: string | null } {
  switch (code) {
    case "REVIEW_IDENTITY_UNAVAILABLE":
      return { why: "Slack did not say who they are.", next: "Try again in a moment." };
    case "REVIEW_NOT_LINKED":
      return { why: sentenceOf(code), next: "They link it with /approvals link first." };
    default:
      return { why: sentenceOf(code), next: "Name somebody else." };
  }
}

async function direct(slack: SlackContext, account: AccountId, answer: CommandAnswer): Promise<boolean> {
  return tellIfPossible(slack, { account, responseUrl: null }, drawnAnswer(answer, await styleOf(slack)));
}

function toDelegate({ name }: PersonIdentity, until: number): CommandAnswer {
  return said(
    [`${name} is away and named you to answer for them until `, { at: until }, "."],
    `You can answer what waits for the groups of ${name}, except requests that are yours. Their place counts once, and ` +
      "you cannot pass it on. /approvals shows what waits for you.",
  );
}

const MEANS =
  "They can answer what you could, and your place counts once, whoever of you answers. They cannot pass it on, cannot " +
  "answer requests that are theirs, and nobody answers in your place where you may not.";
const NOT_TOLD = "They could not be told in Slack: tell them yourself.";
