import { countsOf } from "../../channels/card-standing.ts";
import type { CommandAnswer } from "../../channels/command-answer.ts";
import { groupName, listed } from "../../channels/line.ts";
import type { Configuration } from "../../config/configuration.ts";
import type { Verb } from "../../core/message.ts";
import type { RequestRecord } from "../../db/types.ts";
import { isEnded } from "../reading.ts";
import { privateCard } from "./listing.ts";
import { pageUrlOf } from "./page-url.ts";
import { nobodyBecause, said } from "./said.ts";
import type { SlackContext } from "./slack-context.ts";

/** The answer did not count, for a reason of the catalogue. */
export function refusedText(code: string): CommandAnswer {
  const { why, next } = nobodyBecause(code);
  return said(`Your answer did not count. ${why}`, next);
}

export function notRecordedText(pageUrl: string): CommandAnswer {
  return said("Your click was NOT recorded.", "Try again or use the request page.", pageOf(pageUrl));
}

/** The same person twice counts once, so pressing it again does no harm. */
export function unclearText(pageUrl: string): CommandAnswer {
  const next = "If the card does not show your answer in a minute, try again or use the request page.";
  return said("It is not known whether your click was recorded.", next, pageOf(pageUrl));
}

export function tooOftenText(): CommandAnswer {
  return said("Your click was NOT recorded: too many came from you within a minute.", "Wait a minute, then try again.");
}

export function notOpenedText(pageUrl: string): CommandAnswer {
  return said("Slack did not open it in time.", "Press it again or use the request page.", pageOf(pageUrl));
}

export function notKnownYetText(pageUrl: string): CommandAnswer {
  const next = "If the card does not show it soon, it did not count: try again or use the request page.";
  return said("It is not known yet what became of your answer.", next, pageOf(pageUrl));
}

/** And what the request waits for now. */
export function recordedText(verb: Verb, record: RequestRecord | null): CommandAnswer {
  const state = record?.status === "pending" ? record.state : null;
  const missing = countsOf(state).missing.map((slot) => `${slot.missing} of ${groupName(slot.from)}`);
  return said(`Recorded: ${SAID[verb]}.`, missing.length === 0 ? null : `Still missing: ${listed(missing, MOST)}.`);
}

/** How, by whom and when, as far as it is known. */
export function endedText(slack: SlackContext, record: RequestRecord | null, known: Configuration): CommandAnswer {
  if (record === null || !isEnded(record.status)) return refusedText("REVIEW_ALREADY_DECIDED");
  const [how = []] = privateCard(slack, known, record).banner;
  const line = "Your answer did not count: the request has already ended.";
  return said(line, [...how, " (", { at: record.updatedAt }, ")"]);
}

/** In a direct message there is no card above it that says which request it was. */
export function aboutText(slack: SlackContext, requestId: string, answer: CommandAnswer): CommandAnswer {
  if (answer.kind !== "said") return answer;
  const { next, link } = answer;
  const which = `It was about ${requestId}.`;
  return {
    ...answer,
    next: next === null ? [which] : [...next, ` ${which}`],
    link: link ?? pageOf(pageUrlOf(slack, requestId)),
  };
}

const MOST = 4;

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

function pageOf(url: string): { text: string; url: string } {
  return { text: "Open request page", url };
}
