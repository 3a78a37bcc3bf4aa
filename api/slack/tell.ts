import type { CommandAnswer } from "../../channels/command-answer.ts";
import type { AccountId } from "../../core/principal.ts";
import { inTime } from "./in-time.ts";
import { respond } from "./respond.ts";
import { drawnAnswer, styleOf } from "./said.ts";
import type { PrivateMessage, SlackContext } from "./slack-context.ts";

/** Somebody who did something, and how to answer them alone. */
export type Recipient = { account: AccountId; responseUrl: string | null };

/** For this one person only: beside what they used, or as a direct message where nothing was beside it. */
export async function tell(slack: SlackContext, recipient: Recipient, message: PrivateMessage): Promise<void> {
  if (recipient.responseUrl !== null) return respond(slack, recipient.responseUrl, message);
  const { channel } = await slack.web.conversations.open({ users: userOf(recipient.account) });
  if (channel?.id === undefined) throw new Error("Slack opened no direct message");
  await slack.web.chat.postMessage({ ...message, ...QUIET, channel: channel.id });
}

/** The same of an answer still to be drawn, where nothing depends on it: what went wrong goes to the log. */
export async function answerIfPossible(slack: SlackContext, to: Recipient, answer: CommandAnswer): Promise<boolean> {
  const style = (await inTime(PATIENCE_MS, styleOf(slack))) ?? "plain";
  return tellIfPossible(slack, to, drawnAnswer(answer, style));
}

export async function tellIfPossible(slack: SlackContext, to: Recipient, message: PrivateMessage): Promise<boolean> {
  try {
    await tell(slack, to, message);
    return true;
  } catch (error) {
    slack.api.log.warn(
      { problem: error instanceof Error ? error.message : "" },
      "a private answer did not get through",
    );
    return false;
  }
}

/** `slack:<workspace>/<user>` */
export function userOf(account: AccountId): string {
  return account.slice(account.indexOf("/") + 1);
}

const PATIENCE_MS = 300;
const QUIET = { unfurl_links: false, unfurl_media: false };
