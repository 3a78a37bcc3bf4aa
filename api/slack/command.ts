import type { CommandAnswer } from "../../channels/command-answer.ts";
import { CountersignError, ERRORS } from "../../core/errors.ts";
import type { AccountId } from "../../core/principal.ts";
import type { PersonIdentity } from "../auth/identity.ts";
import { beginLink } from "../linking.ts";
import { delegateCommand, endDelegationCommand } from "./command-delegate.ts";
import { doctorCommand } from "./command-doctor.ts";
import { type CommandLine, parseCommand } from "./command-line.ts";
import { listCommand, mineCommand, showCommand } from "./command-requests.ts";
import { drawnAnswer, nobody, said, styleOf } from "./said.ts";
import type { Identified, PrivateMessage, SlackCommand, SlackContext } from "./slack-context.ts";

/** What `/approvals` answers, for the eyes of whoever typed it. Never rejects: a failure is an answer too. */
export async function answerCommand(slack: SlackContext, { account, text }: SlackCommand): Promise<PrivateMessage> {
  const answer = await answerTo(slack, account, parseCommand(text, slack.api.clock())).catch((error: unknown) =>
    failed(slack, error),
  );
  return drawnAnswer(answer, await styleOf(slack));
}

async function answerTo(slack: SlackContext, account: AccountId, line: CommandLine): Promise<CommandAnswer> {
  if (line.kind === "help") return line;
  const who = await slack.identify(account);
  if (line.kind === "link") return link(slack, account, who);
  if (who.kind === "refused") return nobody(who.code);
  return answerPerson(slack, { account, identity: who.identity }, line);
}

async function answerPerson(
  slack: SlackContext,
  caller: { account: AccountId; identity: PersonIdentity },
  line: Exclude<CommandLine, { kind: "help" | "link" }>,
): Promise<CommandAnswer> {
  switch (line.kind) {
    case "list":
      return listCommand(slack, caller.identity);
    case "mine":
      return mineCommand(slack, caller.identity);
    case "show":
      return showCommand(slack, caller.identity, line.requestId);
    case "delegate":
      return delegateCommand(slack, caller, line);
    case "delegate-off":
      return endDelegationCommand(slack, caller);
    case "doctor":
      return doctorCommand(slack, caller.identity);
    default:
      return line satisfies never;
  }
}

/** Only for an account that is nobody's yet and could be somebody's: a guest or a bot is given no link. */
async function link({ api }: SlackContext, account: AccountId, who: Identified): Promise<CommandAnswer> {
  if (who.kind === "person") {
    const url = `${api.settings.publicUrl}/account`;
    return said(`This account is ${who.identity.name}'s already.`, null, { text: "Your accounts", url });
  }
  if (who.code !== "REVIEW_NOT_LINKED") return nobody(who.code);
  const { url, expiresAt } = await beginLink(api, account);
  return said(
    "Open the page, sign in, and say that this account is yours.",
    ["The link is for this account alone and works once, until ", { at: expiresAt }, ". Do not pass it on."],
    { text: "Link my account", url },
  );
}

function failed({ api }: SlackContext, error: unknown): CommandAnswer {
  if (error instanceof CountersignError && error.status === 503) {
    return said(`${ERRORS[error.code].sentence} Nothing was changed.`, "Type it again in a moment.");
  }
  api.log.error({ err: error }, "a command could not be answered");
  return said("Something went wrong on our side, and nothing was decided by it.", "Type it again in a moment.");
}
