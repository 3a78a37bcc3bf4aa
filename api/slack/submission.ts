import { INPUT } from "../../channels/slack/inputs.ts";
import { VIEWS } from "../../channels/slack/view.ts";
import type { SurfaceToken } from "../../crypto/surface-token.ts";
import { formWords } from "./form-words.ts";
import { inTime } from "./in-time.ts";
import type { Inbound } from "./inbound.ts";
import { noticeView } from "./open-view.ts";
import { pageUrlOf } from "./page-url.ts";
import { pauseAgent } from "./pause-agent.ts";
import type { SubmissionPayload } from "./payload.ts";
import { answerPrivately } from "./private-answer.ts";
import { nobodyBecause } from "./said.ts";
import { say } from "./say.ts";
import type { SlackContext } from "./slack-context.ts";
import type { Recipient } from "./tell.ts";
import { type OpenedToken, readView } from "./view-token.ts";

/**
 * A form that somebody sent: what it says is safe with the workflow before the form closes. When it is not, the form
 * stays as it is, words and all, and says so.
 */
export async function takeSubmission(
  slack: SlackContext,
  { view }: SubmissionPayload,
  to: Recipient,
  ack: Inbound["ack"],
): Promise<void> {
  const verb = VERB_OF[view.callback_id ?? ""];
  const read = readView(slack.tokens, view.private_metadata, to.account, slack.api.clock());
  if (!read.ok) return refuse(slack, read.code, ack);
  if (verb === undefined || read.token.verb !== verb) return refuse(slack, "REVIEW_BUTTON_STALE", ack);
  const form = formWords(verb, view.state.values, await codesWithNote(slack));
  if (!form.ok) return ack({ response_action: "errors", errors: form.errors });
  const { token } = read;
  const said = { token, verb, account: to.account, seen: seenOn(token), once: view.id, words: form.words };
  const { message, sent } = await say(slack, said);
  if (sent === "lost" || sent === "unclear") {
    return ack({
      response_action: "errors",
      errors: { [INPUT.note]: FAILED[sent](pageUrlOf(slack, token.requestId)) },
    });
  }
  try {
    return await ack();
  } finally {
    void answerPrivately(slack, message, to, sent);
    if (form.pause) void pauseAgent(slack, message, to);
  }
}

/** Of the organisation's own codes; while they cannot be read, the workflow alone says what is missing. */
async function codesWithNote(slack: SlackContext): Promise<string[]> {
  const known = await inTime(PATIENCE_MS, slack.configuration());
  return (known?.configuration.reasonCodes ?? []).filter((row) => row.noteRequired).map((row) => row.code);
}

const PATIENCE_MS = 300;

const VERB_OF: { [callback: string]: "approve" | "deny" | "flag" | undefined } = {
  [VIEWS.details]: "approve",
  [VIEWS.deny]: "deny",
  [VIEWS.flag]: "flag",
};

/** A form is sent about the card it was opened from; the details are a drawing of their own, in no message. */
function seenOn({ verb, opened }: OpenedToken) {
  const { conversation, message } = opened;
  return isDetails(verb) ? { conversation: null, message: null } : { conversation, message };
}

function isDetails(verb: SurfaceToken["verb"]): boolean {
  return verb === "approve";
}

const FAILED = {
  lost: (pageUrl: string) => `NOT recorded. Send it again, or use the request page: ${pageUrl}`,
  unclear: (pageUrl: string) =>
    `It is not known whether this was recorded. If the card does not show it, send it again, or use ${pageUrl}`,
};

async function refuse(slack: SlackContext, code: string, ack: Inbound["ack"]): Promise<void> {
  slack.api.log.warn({ kind: "view_submission", code }, "a delivery of Slack was refused");
  const { why, next } = nobodyBecause(code);
  const text = `Your answer did not count. ${why} ${next ?? ""}`.trim();
  return ack({ response_action: "update", view: noticeView("Not recorded", text) });
}
