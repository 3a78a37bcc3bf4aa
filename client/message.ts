import type { Sent } from "../api/contract/message.ts";
import type { RequestView } from "../api/contract/request.ts";
import type { Transport, Until } from "./transport.ts";

/**
 * Says something about a request and stays until it is known to be recorded: an answer that is not
 * there in time is asked for again with the same key, which is the same message.
 * A {@link Sent} at the end means that it may still be recorded.
 */
export async function sendMessage(
  transport: Transport,
  message: { requestId: string; path: string; body: unknown; key: string },
  until: Until & { giveUpAt: number },
): Promise<RequestView | Sent> {
  const call = {
    method: "POST",
    path: `/v1/requests/${encodeURIComponent(message.requestId)}/${message.path}`,
    body: message.body,
    idempotencyKey: message.key,
    holdSeconds: 10,
  } as const;
  for (;;) {
    const answer = (await transport.insist(call, until)) as RequestView | Sent;
    if (!isSent(answer) || Date.now() >= until.giveUpAt) return answer;
  }
}

export function isSent(answer: RequestView | Sent): answer is Sent {
  return "recorded" in answer && answer.recorded === null;
}
