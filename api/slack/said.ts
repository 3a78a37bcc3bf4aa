import type { CommandAnswer } from "../../channels/command-answer.ts";
import type { Line } from "../../channels/line.ts";
import type { Message, Style } from "../../channels/slack/blocks.ts";
import { drawCommand } from "../../channels/slack/draw-command.ts";
import { isReasonCode, REASON_CODES, sentenceOf } from "../../core/reason-codes.ts";
import type { PrivateMessage, SlackContext } from "./slack-context.ts";

/** One line and a next step, with a link where one helps. */
export function said(
  line: string | Line,
  next: string | Line | null = null,
  link: { text: string; url: string } | null = null,
): CommandAnswer {
  const whole = (part: string | Line): Line => (typeof part === "string" ? [part] : part);
  return { kind: "said", line: whole(line), next: next === null ? null : whole(next), link };
}

/** Why this account is nobody here, and what helps. */
export function nobody(code: string): CommandAnswer {
  const { why, next } = nobodyBecause(code);
  return said(why, next);
}

/** The words of the catalogue; they speak of an answer where only somebody who reads was asked about. */
export function nobodyBecause(code: string): { why: string; next: string | null } {
  if (code === "REVIEW_IDENTITY_UNAVAILABLE") {
    return { why: "Slack did not say who you are.", next: "Try again in a moment." };
  }
  return { why: sentenceOf(code), next: nextStepOf(code) };
}

export function nextStepOf(code: string): string | null {
  return isReasonCode(code) ? (REASON_CODES[code].next ?? null) : null;
}

/** As Slack takes it: what we draw with is a part of Block Kit, and Slack's own types say the same less exactly. */
export function drawnAnswer(answer: CommandAnswer, style: Style): PrivateMessage {
  const message: Message = drawCommand(answer, style);
  return { text: message.text, blocks: message.blocks as NonNullable<PrivateMessage["blocks"]> };
}

/** How this workspace's clients draw; while the configuration cannot be read, as every client can. */
export async function styleOf(slack: SlackContext): Promise<Style> {
  try {
    return (await slack.configuration()).configuration.slack?.blockStyle ?? "plain";
  } catch {
    return "plain";
  }
}
