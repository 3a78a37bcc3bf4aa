import type { CommandAnswer } from "../../channels/command-answer.ts";
import { LIMITS } from "../../core/limits.ts";
import type { HumanMessage } from "../../core/message.ts";
import { answerTo } from "../../db/read/answer.ts";
import { requestById } from "../../db/read/requests.ts";
import type { RequestRecord } from "../../db/types.ts";
import { waitUntil } from "../wait.ts";
import { aboutText, endedText, notKnownYetText, recordedText, refusedText } from "./answer-text.ts";
import { pageUrlOf } from "./page-url.ts";
import type { SlackContext } from "./slack-context.ts";
import { answerIfPossible, type Recipient } from "./tell.ts";

/**
 * Tells the person what became of their answer: one line and a next step, for them alone. The record says it, so
 * this waits for the record. Never rejects, and holds nothing up: whoever clicked has been acknowledged before.
 */
export async function answerPrivately(
  slack: SlackContext,
  message: HumanMessage,
  to: Recipient,
  sent: "durable" | "ended",
): Promise<void> {
  open += 1;
  try {
    // A flood of clicks must not hold connections without end; the card tells everybody anyway.
    const seconds = sent === "ended" || open > LIMITS.slackAnswersOpen ? 0 : LIMITS.slackAnswerSeconds;
    const text = await textFor(slack, message, seconds, sent);
    await answerIfPossible(slack, to, to.responseUrl === null ? aboutText(slack, message.requestId, text) : text);
  } catch (error) {
    slack.api.log.warn({ err: error, requestId: message.requestId }, "no private answer could be given");
  } finally {
    open -= 1;
  }
}

let open = 0;

async function textFor(
  slack: SlackContext,
  { requestId, id, verb }: HumanMessage,
  seconds: number,
  sent: "durable" | "ended",
): Promise<CommandAnswer> {
  const { database } = slack.api;
  // The request first: when it says that it has ended, everything that was ever taken is in the record.
  const read = async () => {
    const record = await requestById(database, requestId);
    return { record, answer: await answerTo(database, requestId, id) };
  };
  const known = (now: Awaited<ReturnType<typeof read>>) => now.answer !== null || isClosed(now.record);
  const { record, answer } = await waitUntil(slack.api, requestId, read, known, seconds, NEVER);
  const { configuration } = await slack.configuration();
  if (answer === null) {
    const late = sent === "ended" || isClosed(record);
    return late ? endedText(slack, record, configuration) : notKnownYetText(pageUrlOf(slack, requestId));
  }
  if (answer.recorded) return recordedText(verb, record);
  return answer.code === "REVIEW_ALREADY_DECIDED" ? endedText(slack, record, configuration) : refusedText(answer.code);
}

/** By the workflow's own word: it takes nothing any more. */
function isClosed(record: RequestRecord | null): boolean {
  return record?.state?.phase === "ended";
}

const NEVER = new AbortController().signal;
