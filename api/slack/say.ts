import type { HumanMessage } from "../../core/message.ts";
import { notRecordedText, unclearText } from "./answer-text.ts";
import { humanMessage, type Said } from "./human-message.ts";
import { NotTaken } from "./inbound.ts";
import { pageUrlOf } from "./page-url.ts";
import { answerPrivately } from "./private-answer.ts";
import { type Sent, sendSignal } from "./send-signal.ts";
import type { SlackContext } from "./slack-context.ts";
import { answerIfPossible, type Recipient } from "./tell.ts";

/** `sent` says whether it is safe with the workflow; whether it counts is the workflow's to say. */
export async function say(slack: SlackContext, said: Said): Promise<{ message: HumanMessage; sent: Sent }> {
  const appId = slack.appId();
  if (appId === null) throw new NotTaken("it is not known yet which app this is", 503);
  const now = slack.api.clock();
  const message = humanMessage(said, appId, now);
  if (!slack.mayAnswer(`${said.account} ${message.requestId}`, now)) {
    slack.api.log.warn({ requestId: message.requestId }, "too many answers to one request from one account");
    return { message, sent: "lost" };
  }
  return { message, sent: await sendSignal(slack.api, message) };
}

/**
 * One click that says something by itself: signed, safe with the workflow, and only then acknowledged. When it is
 * not safe nothing is acknowledged, so that Slack shows that it failed even if our own words do not get through.
 */
export async function sayByClick(
  slack: SlackContext,
  said: Said,
  to: Recipient,
  ack: () => Promise<void>,
): Promise<void> {
  const { message, sent } = await say(slack, said);
  switch (sent) {
    case "durable":
    case "ended":
      try {
        return await ack();
      } finally {
        void answerPrivately(slack, message, to, sent);
      }
    case "lost":
      void answerIfPossible(slack, to, notRecordedText(pageUrlOf(slack, message.requestId)));
      throw new NotTaken("the workflow engine does not answer", 503);
    case "unclear":
      void answerIfPossible(slack, to, unclearText(pageUrlOf(slack, message.requestId)));
      throw new NotTaken("the workflow engine did not answer in time", 503);
    default:
      return sent satisfies never;
  }
}
