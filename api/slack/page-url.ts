import type { SlackContext } from "./slack-context.ts";

/** Where the same can be read and answered without Slack. */
export function pageUrlOf(slack: SlackContext, requestId: string): string {
  return `${slack.api.settings.publicUrl}/requests/${encodeURIComponent(requestId)}`;
}
