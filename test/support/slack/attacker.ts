import { createHmac } from "node:crypto";
import type { RequestView } from "../../../api/contract/request.ts";
import { MANY_ROWS } from "../configuration.ts";
import { eventually } from "../eventually.ts";
import type { Stack } from "../stack.ts";
import type { Delivery } from "./deliveries.ts";
import { actionOf, type Fields, type SlackMessage, wordsOf } from "./driver.ts";
import { ACCOUNTS, type Account, CHANNELS } from "./workspace.ts";

/** Somebody who may send whatever they like to the address that Slack delivers to. */
export type Attacker = {
  /** A pending request and its card. */
  asked(more?: {
    statement?: string;
    justification?: string;
    channel?: string;
  }): Promise<{ request: RequestView; card: SlackMessage }>;
  /** What Slack would deliver for this click, before it is signed. */
  clicked(account: Account, card: SlackMessage, element?: string): Fields;
  /** Signs as Slack does (with the right secret, unless another is given) and sends; answers the status. */
  send(payload: Fields, tweak?: Tweak): Promise<number>;
  /** Waits until this person is told something like that, for their eyes only; each is read once. */
  told(account: Account, words: RegExp): Promise<SlackMessage>;
  /** The deliveries of a kind that the double made so far. */
  deliveries(type: string): Delivery[];
};

export type Tweak = {
  secret?: string;
  /** Seconds from now. */
  skew?: number;
  /** Changes the body after it was signed. */
  alter?: (body: string) => string;
  /** Headers to leave out. */
  without?: string[];
  contentType?: string;
};

export function attackerOf(stack: Stack): Attacker {
  const { slack } = stack;
  const { team, app } = slack.workspace;
  const read = new Set<string>();
  return {
    async asked({ statement = MANY_ROWS, justification, channel = CHANNELS.approvals } = {}) {
      const agent = stack.as("agent:reporting-bot");
      const args = { statement, format: "csv", maxRows: 100_000 };
      const said = { action: "postgres.export", target: "crm", arguments: args, justification };
      const { body } = await agent.post("/v1/requests", said);
      const request = body.status === "pending" ? body : await agent.until(body.id, "pending");
      const card = await slack.message(channel, (one) => isCardOf(one, request.id), 20_000);
      return { request, card };
    },
    clicked: (account, card, element = "countersign.approve") => ({
      type: "block_actions",
      api_app_id: app.id,
      team: { id: team },
      user: { id: ACCOUNTS[account], team_id: team },
      container: { type: "message", message_ts: card.ts, channel_id: card.channel },
      channel: { id: card.channel },
      trigger_id: "1.1.made-up",
      actions: [{ ...actionOf(card.blocks ?? [], element), action_ts: (Date.now() / 1000).toFixed(6) }],
    }),
    async send(
      payload,
      { secret = app.signingSecret, skew = 0, alter = (text: string) => text, without = [], contentType } = {},
    ) {
      const body = `payload=${encodeURIComponent(JSON.stringify(payload))}`;
      const timestamp = String(Math.floor(Date.now() / 1000) + skew);
      const signature = `v0=${createHmac("sha256", secret).update(`v0:${timestamp}:${body}`).digest("hex")}`;
      const headers: Record<string, string> = {
        "content-type": contentType ?? "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": timestamp,
        "x-slack-signature": signature,
      };
      for (const name of without) delete headers[name];
      const response = await fetch(`${stack.url}/slack/events`, { method: "POST", headers, body: alter(body) });
      await response.arrayBuffer();
      return response.status;
    },
    async told(account, words) {
      return eventually(`${account} to be told ${words}`, async () => {
        const unread = (await slack.privately(ACCOUNTS[account])).filter((one) => !read.has(one.ts));
        const found = unread.find((one) => words.test(`${one.text}\n${wordsOf(one.blocks)}`));
        if (found !== undefined) read.add(found.ts);
        return found;
      });
    },
    deliveries: (type) => slack.proxy.deliveries.all.filter((one) => one.payload.type === type),
  };
}

/** The card itself, not a reply in its thread or a private answer. */
export function isCardOf(message: SlackMessage, requestId: string): boolean {
  return message.thread_ts === undefined && !message.ephemeral_to && wordsOf(message.blocks).includes(requestId);
}
