import type { ModalView } from "@slack/web-api";
import type { Modal } from "../../channels/slack/blocks.ts";
import { SLACK_LIMITS } from "../../channels/slack/limits.ts";
import { plain } from "../../channels/slack/text.ts";
import { LIMITS } from "../../core/limits.ts";
import { inTime } from "./in-time.ts";
import type { SlackContext } from "./slack-context.ts";

/** The id of the opened view; null when Slack opened none in the time its trigger lives. */
export async function openView(slack: SlackContext, trigger: string | null, view: Modal): Promise<string | null> {
  if (trigger === null) return null;
  const opened = slack.web.views.open({ trigger_id: trigger, view: forSlack(view) });
  return (await inTime(LIMITS.slackOpenSeconds * 1000, opened))?.view?.id ?? null;
}

export async function updateView(slack: SlackContext, viewId: string, view: Modal): Promise<void> {
  await slack.web.views.update({ view_id: viewId, view: forSlack(view) });
}

/** A view that only says something. */
export function noticeView(title: string, text: string): Modal {
  return {
    ...{ type: "modal", callback_id: "countersign.notice", private_metadata: "" },
    title: plain(title, SLACK_LIMITS.viewTitle),
    close: plain("Close", SLACK_LIMITS.viewButton),
    blocks: [{ type: "section", text: plain(text, SLACK_LIMITS.sectionText) }],
  };
}

/** What we draw with is a part of Block Kit; Slack's own types say the same less exactly. */
function forSlack(view: Modal): ModalView {
  return view as ModalView;
}
