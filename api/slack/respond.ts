import { LIMITS } from "../../core/limits.ts";
import type { PrivateMessage, SlackContext } from "./slack-context.ts";

/** Says something to the one person who just did something. Throws when Slack did not take it in time. */
export async function respond(slack: SlackContext, responseUrl: string, message: PrivateMessage): Promise<void> {
  const address = addressOf(slack, responseUrl);
  const response = await fetch(address, {
    method: "POST",
    headers: { "content-type": "application/json; charset=utf-8" },
    body: JSON.stringify({ ...message, response_type: "ephemeral", replace_original: false }),
    // A redirect would lead past the check of the address.
    redirect: "error",
    signal: AbortSignal.timeout(LIMITS.slackRespondSeconds * 1000),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`Slack answered ${response.status} to a private answer`);
}

/** Only Slack: an address that came in a body must not make this process call anybody else. */
function addressOf(slack: SlackContext, responseUrl: string): URL {
  const address = URL.parse(responseUrl);
  const allowed = [new URL(slack.settings.apiUrl).origin, "https://hooks.slack.com"];
  const plain = address !== null && address.username === "" && address.password === "";
  if (!plain || !allowed.includes(address.origin)) throw new Error("a private answer would not go to Slack");
  return address;
}
