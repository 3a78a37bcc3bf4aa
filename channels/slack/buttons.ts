import type { Button, Confirm } from "./blocks.ts";
import { SLACK_LIMITS } from "./limits.ts";
import { plain } from "./text.ts";

/** Everything that can be pressed on a surface, as `countersign.<verb>`. */
export const BUTTON_VERBS = ["approve", "deny", "flag", "stop", "details"] as const;
export type ButtonVerb = (typeof BUTTON_VERBS)[number];

/** Only opens the page in a browser; Slack tells us of the press all the same, and nothing follows from it. */
export const OPEN_PAGE = "countersign.open";

export function button(
  verb: ButtonVerb,
  text: string,
  value: string,
  more: { style?: Button["style"]; confirm?: Confirm } = {},
): Button {
  const { style, confirm } = more;
  return {
    type: "button",
    action_id: `countersign.${verb}`,
    text: plain(text, SLACK_LIMITS.buttonText),
    value,
    ...(style === undefined ? {} : { style }),
    ...(confirm === undefined ? {} : { confirm }),
  };
}

export function linkButton(text: string, url: string, style?: "primary"): Button {
  return {
    type: "button",
    action_id: OPEN_PAGE,
    text: plain(text, SLACK_LIMITS.buttonText),
    url,
    ...(style === undefined ? {} : { style }),
  };
}

export function confirmation(title: string, text: string, yes: string, style: "primary" | "danger"): Confirm {
  return {
    title: plain(title, SLACK_LIMITS.confirmTitle),
    text: plain(text, SLACK_LIMITS.confirmText),
    confirm: plain(yes, SLACK_LIMITS.confirmButton),
    deny: plain("Go back", SLACK_LIMITS.confirmButton),
    style,
  };
}
