import { LIMITS } from "../../core/limits.ts";
import type { AccountId } from "../../core/principal.ts";
import { refusedText, tooOftenText } from "./answer-text.ts";
import { buttonOf, type OwnButton } from "./button.ts";
import { clickRate } from "./click-rate.ts";
import { answerCommand } from "./command.ts";
import { publishHome } from "./home.ts";
import { NO_WORDS } from "./human-message.ts";
import { type Inbound, NotTaken, type TakeInbound } from "./inbound.ts";
import { openDetails } from "./open-details.ts";
import { openForm } from "./open-form.ts";
import { originOf } from "./origin.ts";
import { type ButtonPayload, type CommandPayload, type Payload, payloadOf } from "./payload.ts";
import { sayByClick } from "./say.ts";
import type { SlackContext } from "./slack-context.ts";
import { takeSubmission } from "./submission.ts";
import { answerIfPossible, type Recipient, tellIfPossible } from "./tell.ts";
import type { Workspace } from "./workspace.ts";

/** Everything Slack delivers comes through here, whichever way it came in. */
export function taking(slack: SlackContext, workspace: Workspace): TakeInbound {
  const mayDoMore = clickRate({ most: LIMITS.slackClicksPerMinute, seconds: 60 });
  return async (inbound) => {
    const payload = payloadOf(inbound.body);
    if (payload === null) throw notTaken(slack, "unknown", "not a delivery that is known here", 400);
    const origin = originOf(payload, { appId: slack.appId(), team: await workspace() });
    if (!origin.ok) {
      const refused = notTaken(slack, payload.type, origin.why);
      if (origin.outsider && (await tellOutsider(slack, payload))) return inbound.ack();
      throw refused;
    }
    const recipient = { account: origin.account, responseUrl: responseUrlOf(payload) };
    if (!mayDoMore(origin.account, slack.api.clock())) {
      void answerIfPossible(slack, recipient, tooOftenText());
      throw notTaken(slack, payload.type, "too much from one account", 429);
    }
    await takePayload(slack, payload, recipient, inbound);
  };
}

async function takePayload(slack: SlackContext, payload: Payload, to: Recipient, { ack }: Inbound): Promise<void> {
  switch (payload.type) {
    case "block_actions":
      return takeButton(slack, payload, to, ack);
    case "view_submission":
      return takeSubmission(slack, payload, to, ack);
    case "command":
      return takeCommand(slack, payload, to, ack);
    case "event_callback":
      await ack();
      return payload.event.tab === "messages" ? undefined : publishHome(slack, to.account, null);
    default:
      return payload satisfies never;
  }
}

async function takeButton(slack: SlackContext, payload: ButtonPayload, to: Recipient, ack: Inbound["ack"]) {
  const button = buttonOf(payload, slack.tokens, slack.api.clock());
  switch (button.kind) {
    case "ours":
      return takeOwnButton(slack, button, to, ack);
    case "home":
      await ack();
      return publishHome(slack, to.account, button.value);
    case "none":
      return ack();
    case "stale": {
      const refused = notTaken(slack, payload.type, button.why);
      if (await answerIfPossible(slack, to, refusedText("REVIEW_BUTTON_STALE"))) return ack();
      throw refused;
    }
    default:
      return button satisfies never;
  }
}

async function takeOwnButton(slack: SlackContext, button: OwnButton, to: Recipient, ack: Inbound["ack"]) {
  const { verb, token, at, place } = button;
  switch (verb) {
    case "approve":
    case "stop": {
      const seen = { conversation: place?.conversation ?? null, message: place?.message ?? null };
      return sayByClick(slack, { token, verb, account: to.account, seen, once: at, words: NO_WORDS }, to, ack);
    }
    case "deny":
    case "flag":
      return openForm(slack, verb, button, to, ack);
    case "details":
      return openDetails(slack, button, to, ack);
    default:
      return verb satisfies never;
  }
}

/** Acknowledged at once, because an answer may need longer than Slack waits. */
async function takeCommand(slack: SlackContext, payload: CommandPayload, to: Recipient, ack: Inbound["ack"]) {
  const { command, text, channel_id: conversation, trigger_id: triggerId = null } = payload;
  await ack();
  const answer = await answerCommand(slack, { account: to.account, command, text, conversation, triggerId });
  await tellIfPossible(slack, to, answer);
}

/** The reason goes to the log, the content does not. */
function notTaken(slack: SlackContext, kind: string, why: string, status = 403): NotTaken {
  slack.api.log.warn({ kind, why }, "a delivery of Slack was refused");
  return new NotTaken(why, status);
}

/** Nobody of ours, and yet a person who clicked in good faith. */
async function tellOutsider(slack: SlackContext, payload: Payload): Promise<boolean> {
  const responseUrl = responseUrlOf(payload);
  // Without the address of this very click there is no way to reach somebody of another workspace.
  if (responseUrl === null) return false;
  return answerIfPossible(slack, { account: NOBODY, responseUrl }, refusedText("REVIEW_OUTSIDER"));
}

const NOBODY: AccountId = "slack:";

function responseUrlOf(payload: Payload): string | null {
  switch (payload.type) {
    case "block_actions":
    case "command":
      return payload.response_url ?? null;
    case "view_submission":
    case "event_callback":
      return null;
    default:
      return payload satisfies never;
  }
}
