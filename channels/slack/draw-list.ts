import type { ListedRequest } from "../listed-request.ts";
import type { Block, Style } from "./blocks.ts";
import { button, linkButton } from "./buttons.ts";
import { SLACK_LIMITS } from "./limits.ts";
import { mrkdwn, plain } from "./text.ts";

/** One request in a list: what it is and how it stands, and below it who asks and who is missing. */
export function listedPart(item: ListedRequest, style: Style): Block[] {
  const { title, ending, details, pageUrl, line } = item;
  const open = details === null ? linkButton("Open", pageUrl) : button("details", "Details", details);
  return [
    { type: "section", text: plain(`${title.agent} — ${ending}`, SLACK_LIMITS.sectionText), accessory: open },
    { type: "context", elements: [mrkdwn([line], style, { maxChars: SLACK_LIMITS.field })] },
  ];
}
