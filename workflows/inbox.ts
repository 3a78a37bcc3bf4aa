import { condition, setHandler } from "@temporalio/workflow";
import type { Executed, Identified } from "../activities/types.ts";
import type { Answer } from "../core/deliberation-types.ts";
import type { HumanMessage } from "../core/message.ts";
import type { Signed } from "../core/request.ts";
import { MESSAGE_NAMES, messageNameOf, messageSignals, messageUpdates } from "./messages.ts";

export type MessageItem = { kind: "message"; signed: Signed<HumanMessage>; answer: (answer: Answer) => void };

export type Item =
  | MessageItem
  /** The channels process said who sent a message, or that it cannot. */
  | { kind: "identified"; item: MessageItem; identified: Identified }
  | { kind: "executed"; attempt: number; executed: Executed }
  /** The activity gave up (timeouts, termination): settle tells what is known. */
  | { kind: "lost"; attempt: number }
  | { kind: "cancelled" };

export type Inbox = {
  put(item: Item): void;
  /** Back to the front: something recorded earlier has to be followed first. */
  putBack(item: Item): void;
  take(): Item | null;
  /** Resolves when something is there, or false when the wait ran out; null waits for ever. */
  arrival(waitMs: number | null, summary: string): Promise<boolean>;
  readonly size: number;
};

/**
 * Handlers only put into the inbox and wait for their answer; one loop takes from it in order.
 * Called before the first await, because update-with-start delivers at once.
 */
export function openInbox(requestId: string): Inbox {
  const items: Item[] = [];
  const put = (signed: Signed<HumanMessage>): Promise<Answer> =>
    new Promise((resolve) => items.push({ kind: "message", signed, answer: resolve }));

  for (const name of MESSAGE_NAMES) {
    // A signal has no validator: what is not even shaped like a message is dropped, not thrown at.
    setHandler(messageSignals[name], (signed: unknown) => {
      if (shapeProblem(name, requestId, signed) === null) void put(signed as Signed<HumanMessage>);
    });
    setHandler(messageUpdates[name], (signed: Signed<HumanMessage>) => put(signed), {
      validator: (signed: unknown) => {
        const problem = shapeProblem(name, requestId, signed);
        if (problem !== null) throw new Error(problem);
      },
    });
  }
  return {
    put: (item) => void items.push(item),
    putBack: (item) => void items.unshift(item),
    take: () => items.shift() ?? null,
    async arrival(waitMs, summary) {
      if (items.length > 0) return true;
      if (waitMs === null) {
        await condition(() => items.length > 0);
        return true;
      }
      return condition(() => items.length > 0, waitMs, { summary });
    },
    get size() {
      return items.length;
    },
  };
}

/** Shape only: signatures and eligibility are judged by `admit` and `step`. */
function shapeProblem(name: (typeof MESSAGE_NAMES)[number], requestId: string, value: unknown): string | null {
  const signed = value as Partial<Signed<HumanMessage>> | null;
  if (typeof signed !== "object" || signed === null || typeof signed.jws !== "string") return "not a signed message";
  const content = signed.content as Partial<HumanMessage> | undefined | null;
  if (typeof content !== "object" || content === null) return "a message without content";
  if (typeof content.id !== "string" || typeof content.verb !== "string") return "a message without id or verb";
  if (typeof content.principal !== "string") return "a message of nobody";
  if (content.requestId !== requestId) return "a message for another request";
  if (messageNameOf(content.verb as HumanMessage["verb"]) !== name) return `a ${content.verb} sent as ${name}`;
  return null;
}
