import { createHmac } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type postgres from "postgres";
import { createSurfaceTokens, type SurfaceToken } from "../crypto/surface-token.ts";
import { ACCOUNTS, CHANNELS } from "../test/support/slack/workspace.ts";
import type { Stack } from "../test/support/stack.ts";
import { SURFACE_SECRET } from "../test/support/stack-environment.ts";
import type { Call, Said } from "./check/history.ts";

export type Body = { id?: string; status?: string; digest?: string; factsDigest?: string | null };
type Answer = { status: number | null; body: Body };
type Saying = { number: number; said: Said; by: string; path: string; body: object; key: string };

/** Speaks to the API as anybody, writes each call down, and repeats what got no answer as a client should. */
export type Calls = {
  read(by: string, id: string, wait?: number): Promise<Body | null>;
  /** With one key, until it is acknowledged or refused. */
  say(saying: Saying): Promise<Answer>;
  /** On the card of the request, once there is one. */
  click(number: number, account: "alice" | "bob", request: Body): Promise<Answer>;
};

type Card = { surface: string; shown: string; message: string };

export function openCalls(stack: Stack, database: postgres.Sql, calls: Call[], deadline: number): Calls {
  const send = async (by: string, path: string, init: RequestInit & { headers?: Record<string, string> }) => {
    const token = await stack.token(by as `person:${string}`);
    return answerOf(`${stack.url}${path}`, { ...init, headers: { authorization: `Bearer ${token}`, ...init.headers } });
  };
  const noted = async (call: Pick<Call, "number" | "said" | "by">, work: () => Promise<Answer>): Promise<Answer> => {
    const askedAt = Date.now();
    const answer = await work();
    const requestId = call.said === "ask" ? (answer.body.id ?? null) : null;
    calls.push({ ...call, askedAt, answeredAt: Date.now(), status: answer.status, requestId });
    return answer;
  };
  const insist = async (attempt: () => Promise<Answer>): Promise<Answer> => {
    for (;;) {
      const answer = await attempt();
      if (!isWorthRepeating(answer.status) || Date.now() > deadline) return answer;
      await sleep(REPEAT_MS);
    }
  };
  return {
    async read(by, id, wait) {
      const query = wait === undefined ? "" : `?wait=${wait}`;
      const { status, body } = await send(by, `/v1/requests/${id}${query}`, {});
      return status === 200 ? body : null;
    },
    say: ({ number, said, by, path, body, key }) =>
      insist(async () => {
        const headers = { "content-type": "application/json", "idempotency-key": key };
        const answer = await noted({ number, said, by }, () =>
          send(by, path, { method: "POST", headers, body: JSON.stringify(body) }),
        );
        // An answer that was sent, and nobody knows yet; the same key asks again.
        return said !== "ask" && answer.status === 202 ? { ...answer, status: null } : answer;
      }),
    async click(number, account, request) {
      const card = await cardOf(database, request.id ?? "", deadline);
      const body = clickOf(stack, account, request, card);
      return insist(() => noted({ number, said: "click", by: `person:${account}` }, () => deliver(stack, body)));
    },
  };
}

/** No answer, a full house, or somebody away. */
function isWorthRepeating(status: number | null): boolean {
  return status === null || status === 429 || status >= 500;
}

async function answerOf(url: string, init: RequestInit): Promise<Answer> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(CALL_MS) });
    const text = await response.text();
    return { status: response.status, body: text.startsWith("{") ? (JSON.parse(text) as Body) : {} };
  } catch {
    return { status: null, body: {} };
  }
}

const CALL_MS = 20_000;
const REPEAT_MS = 500;

async function deliver(stack: Stack, body: string): Promise<Answer> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const { signingSecret } = stack.slack.workspace.app;
  const headers = {
    "content-type": "application/x-www-form-urlencoded",
    "x-slack-request-timestamp": timestamp,
    "x-slack-signature": `v0=${createHmac("sha256", signingSecret).update(`v0:${timestamp}:${body}`).digest("hex")}`,
  };
  return answerOf(`${stack.url}/slack/events`, { method: "POST", headers, body });
}

/** What a person would look for in the channel: the newest state of the card. */
async function cardOf(database: postgres.Sql, requestId: string, deadline: number): Promise<Card | null> {
  while (Date.now() < deadline) {
    const [card] = await database<Card[]>`
      select id as surface, shown, message from surfaces
      where request_id = ${requestId} and conversation = ${CHANNELS.approvals} and kind = 'card' and status = 'posted'
        and message is not null and shown is not null
      order by generation desc limit 1`;
    if (card !== undefined) return card;
    await sleep(200);
  }
  return null;
}

/** What Slack delivers for a click on Approve. */
function clickOf({ slack }: Stack, account: "alice" | "bob", request: Body, card: Card | null): string {
  const { id: requestId, digest, factsDigest } = request;
  const at = (Date.now() / 1000).toFixed(6);
  const { surface, shown, message } = card ?? { surface: "none", shown: "none", message: "none" };
  const token = { requestId, digest, factsDigest, surface, shown, verb: "approve", opened: null };
  const expiresAt = Date.now() + 3_600_000;
  const value = createSurfaceTokens(SURFACE_SECRET).mint({ ...token, expiresAt } as SurfaceToken);
  const payload = {
    type: "block_actions",
    api_app_id: slack.workspace.app.id,
    team: { id: slack.workspace.team },
    user: { id: ACCOUNTS[account], team_id: slack.workspace.team },
    container: { type: "message", message_ts: message, channel_id: CHANNELS.approvals },
    channel: { id: CHANNELS.approvals },
    response_url: new URL("/_hooks/response/storm", slack.apiUrl).href,
    actions: [{ type: "button", action_id: "countersign.approve", value, action_ts: at }],
  };
  return `payload=${encodeURIComponent(JSON.stringify(payload))}`;
}
