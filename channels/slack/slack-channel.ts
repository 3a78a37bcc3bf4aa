import type { ConversationsHistoryResponse, WebClient } from "@slack/web-api";
import { LIMITS } from "../../core/limits.ts";
import { type Channel, ChannelFailure, type Place, type Post, type Posted } from "../channel.ts";
import type { Block, Message } from "./blocks.ts";
import { slackFailure } from "./failure.ts";

/** Slack has no idempotency key: our id goes out with each post, and after an unknown outcome it is looked for. */
export function createSlackChannel(client: WebClient): Channel<Message> {
  const direct = new Map<string, string>();

  /** A person's id opens the conversation with them; opening it again names the same one. */
  async function opened<T extends Place>(place: T): Promise<T> {
    const { conversation } = place;
    if (!/^[UW]/.test(conversation)) return place;
    const known = direct.get(conversation);
    if (known !== undefined) return { ...place, conversation: known };
    const { channel } = await looked(() => client.conversations.open({ users: conversation }));
    if (channel?.id === undefined) throw new ChannelFailure("later", "unreadable_answer");
    direct.set(conversation, channel.id);
    return { ...place, conversation: channel.id };
  }

  return {
    async post(given) {
      const post = await opened(given);
      return (await adopted(client, post, null)) ?? posted(client, post, null);
    },
    async reply(given) {
      const post = await opened(given);
      return (await adopted(client, post, post.message)) ?? posted(client, post, post.message);
    },
    async update(given, { text, blocks }) {
      const { conversation: channel, message: ts } = await opened(given);
      await called(() => client.chat.update({ channel, ts, text, blocks, link_names: false }));
    },
    async remove({ conversation: channel, message: ts }) {
      try {
        await called(() => client.chat.delete({ channel, ts }));
      } catch (error) {
        if (slackFailure(error).kind !== "gone") throw error;
      }
    },
  };
}

async function posted(client: WebClient, post: Post<Message>, thread: string | null): Promise<Posted> {
  const { conversation, payload, id } = post;
  const answer = await called(() =>
    client.chat.postMessage({
      channel: conversation,
      text: payload.text,
      blocks: marked(payload.blocks, id),
      metadata: { event_type: EVENT_TYPE, event_payload: { surface_id: id } },
      unfurl_links: false,
      unfurl_media: false,
      link_names: false,
      ...(thread === null ? {} : { thread_ts: thread }),
    }),
  );
  if (typeof answer.ts !== "string") throw new ChannelFailure("uncertain", "unreadable_answer");
  return { conversation: answer.channel ?? conversation, message: answer.ts, adopted: false };
}

const EVENT_TYPE = "countersign_surface";

/** Twice marked: metadata for Slack, the first block's id for whatever does not keep metadata. */
function marked(blocks: Block[], id: string): Block[] {
  const [first, ...rest] = blocks;
  return first === undefined ? [] : [{ ...first, block_id: id }, ...rest];
}

/** What an earlier try left behind. A lookup that fails decides nothing, so nothing is posted after it. */
async function adopted(
  client: WebClient,
  { conversation, id, uncertainSince }: Post<Message>,
  thread: string | null,
): Promise<Posted | null> {
  if (uncertainSince === null) return null;
  const oldest = String(Math.floor(uncertainSince / 1000) - LIMITS.adoptionSkewSeconds);
  let cursor: string | undefined;
  // After the last page rather a second card than none.
  for (let page = 0; page < LIMITS.adoptionPages; page += 1) {
    const asked = {
      channel: conversation,
      oldest,
      limit: LIMITS.adoptionPageMessages,
      include_all_metadata: true,
      ...(cursor === undefined ? {} : { cursor }),
    };
    const { messages, response_metadata } = await looked(() =>
      thread === null ? client.conversations.history(asked) : client.conversations.replies({ ...asked, ts: thread }),
    );
    const found = (messages ?? []).find((message) => isMarked(message, id));
    if (found?.ts !== undefined) return { conversation, message: found.ts, adopted: true };
    cursor = response_metadata?.next_cursor || undefined;
    if (cursor === undefined) return null;
  }
  return null;
}

type Seen = NonNullable<ConversationsHistoryResponse["messages"]>[number];

function isMarked({ metadata, blocks }: Seen, id: string): boolean {
  const payload = metadata?.event_type === EVENT_TYPE ? (metadata.event_payload as { surface_id?: unknown }) : null;
  return payload?.surface_id === id || blocks?.[0]?.block_id === id;
}

async function called<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw slackFailure(error);
  }
}

/** Reading may be repeated: what is uncertain about it is only when it will succeed. */
async function looked<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await called(call);
  } catch (error) {
    const failure = slackFailure(error);
    if (failure.kind === "refused" || failure.kind === "gone") throw failure;
    throw new ChannelFailure("later", failure.code, failure.retryAfterMs);
  }
}
