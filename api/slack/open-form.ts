import { type AnswerForm, answerForm } from "../../channels/answer-form.ts";
import type { Modal } from "../../channels/slack/blocks.ts";
import { drawDeny } from "../../channels/slack/draw-deny.ts";
import { drawFlag } from "../../channels/slack/draw-flag.ts";
import type { Configuration } from "../../config/configuration.ts";
import { agentOf } from "../../core/principal.ts";
import { requestById } from "../../db/read/requests.ts";
import type { RequestRecord } from "../../db/types.ts";
import { allowedVerbs } from "../allowed-verbs.ts";
import { notOpenedText } from "./answer-text.ts";
import type { OwnButton } from "./button.ts";
import { inTime } from "./in-time.ts";
import { NotTaken } from "./inbound.ts";
import { privateCard } from "./listing.ts";
import { openView } from "./open-view.ts";
import { pageUrlOf } from "./page-url.ts";
import type { Identified, SlackContext } from "./slack-context.ts";
import { answerIfPossible, type Recipient } from "./tell.ts";
import { viewToken } from "./view-token.ts";

/**
 * The form of a deny or a flag. Slack gives three seconds to open it, so what the record adds to it is waited for
 * only a moment: without it the form still says what it is about, and works.
 */
export async function openForm(
  slack: SlackContext,
  verb: "deny" | "flag",
  button: OwnButton,
  to: Recipient,
  ack: () => Promise<void>,
): Promise<void> {
  const { token, place, trigger } = button;
  const opening = { account: to.account, place, now: slack.api.clock() };
  const form = await formFor(slack, verb, token.requestId, to);
  const view = drawForm(verb, form, slack.tokens.mint(viewToken(token, opening)));
  if ((await openView(slack, trigger, view)) !== null) return ack();
  void answerIfPossible(slack, to, notOpenedText(pageUrlOf(slack, token.requestId)));
  throw new NotTaken("Slack opened no view", 503);
}

function drawForm(verb: "deny" | "flag", form: AnswerForm, token: string): Modal {
  return verb === "deny" ? drawDeny(form, token) : drawFlag(form, token);
}

async function formFor(
  slack: SlackContext,
  verb: "deny" | "flag",
  requestId: string,
  { account }: Recipient,
): Promise<AnswerForm> {
  const [known, record, who] = await Promise.all([
    inTime(PATIENCE_MS, slack.configuration()),
    inTime(PATIENCE_MS, requestById(slack.api.database, requestId)),
    verb === "flag" ? inTime(PATIENCE_MS, slack.identify(account)) : null,
  ]);
  if (known === null || record === null) return answerForm(unread(requestId), [], null);
  const { configuration } = known;
  const organisation = configuration.reasonCodes.filter((row) => row.by === "reviewer");
  const pausable = who === null ? null : agentToPause(record, who, configuration);
  return answerForm(privateCard(slack, configuration, record), organisation, pausable);
}

/** What a form is about when the record cannot be read: the card it was opened from shows the rest. */
function unread(requestId: string): AnswerForm["card"] {
  return {
    requestId,
    title: { agent: "The request you used the button of" },
    target: { agent: "Its card says where" },
    environment: "–",
  };
}

/** Whoever may flag a request may stop what its agent asks for next; null: nobody here, or no agent. */
function agentToPause(record: RequestRecord, who: Identified, { directory }: Configuration): string | null {
  if (who.kind === "refused" || !allowedVerbs(record, who.identity).includes("flag")) return null;
  return agentOf(directory, record.submission.requester)?.name ?? null;
}

const PATIENCE_MS = 600;
