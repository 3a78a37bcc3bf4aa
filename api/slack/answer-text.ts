import type { Configuration } from "../../config/configuration.ts";
import type { Verb } from "../../core/message.ts";
import { missing } from "../../core/quorum.ts";
import { isReasonCode, REASON_CODES, sentenceOf } from "../../core/reason-codes.ts";
import type { RequestRecord } from "../../db/types.ts";
import { isEnded } from "../reading.ts";
import { nameOf, time } from "../request-view.ts";
import type { PrivateMessage } from "./slack-context.ts";

/** One line, and what can be done next. Plain text: nothing in it is markup, whoever chose the names. */
export function said(line: string, next: string | null): PrivateMessage {
  const whole = next === null ? line : `${line} ${next}`;
  return {
    text: whole.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;"),
    blocks: [{ type: "section", text: { type: "plain_text", text: whole, emoji: false } }],
  };
}

/** The answer did not count, for a reason of the catalogue. */
export function refusedText(code: string): PrivateMessage {
  const next = isReasonCode(code) ? (REASON_CODES[code].next ?? null) : null;
  return said(`Your answer did not count. ${sentenceOf(code)}`, next);
}

export function notRecordedText(pageUrl: string): PrivateMessage {
  return said("Your click was NOT recorded.", `Try again or use the request page: ${pageUrl}`);
}

/** The same person twice counts once, so pressing it again does no harm. */
export function unclearText(pageUrl: string): PrivateMessage {
  const next = `If the card does not show your answer in a minute, try again or use the request page: ${pageUrl}`;
  return said("It is not known whether your click was recorded.", next);
}

export function tooOftenText(): PrivateMessage {
  return said(
    "Your click was NOT recorded: there were too many from you within a minute.",
    "Wait a minute, then try again.",
  );
}

export function notOpenedText(pageUrl: string): PrivateMessage {
  return said("Slack did not open it in time.", `Press it again or use the request page: ${pageUrl}`);
}

export function notKnownYetText(pageUrl: string): PrivateMessage {
  return said("It is not known yet what became of your answer.", `The card shows it as soon as it is: ${pageUrl}`);
}

export function recordedText(verb: Verb, record: RequestRecord | null): PrivateMessage {
  const state = record?.state ?? null;
  const requirement = state?.requirement ?? null;
  if (state === null || requirement === null || state.phase !== "pending")
    return said(`Recorded: ${SAID[verb]}.`, null);
  const open = missing(requirement, state.widened, state.reviews).filter((slot) => slot.missing > 0);
  const groups = open.map((slot) => `${slot.missing} of ${slot.from.replace(/^group:/, "")}`);
  return said(`Recorded: ${SAID[verb]}.`, groups.length === 0 ? null : `Still missing: ${groups.join(", ")}.`);
}

/** By whom and when, as far as it is known. */
export function endedText(record: RequestRecord | null, configuration: Configuration): PrivateMessage {
  if (record === null || !isEnded(record.status)) return refusedText("REVIEW_ALREADY_DECIDED");
  const people = (record.outcome?.people ?? []).map((id) => nameOf(id, configuration).name);
  const by = people.length === 0 ? "" : ` by ${people.join(", ")}`;
  const line = `Your answer did not count. The request has already ended: ${record.status}${by}, ${time(record.updatedAt)}.`;
  return said(line, "Nothing is left to do.");
}

const SAID: Record<Verb, string> = {
  approve: "you approved",
  deny: "you denied",
  flag: "you flagged it",
  withdraw: "you withdrew it",
  stop: "you asked to stop it",
  extend: "you moved the deadline",
  release: "you released it",
  reject: "you rejected it",
};
