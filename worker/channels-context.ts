import { randomUUID } from "node:crypto";
import type { NativeConnection } from "@temporalio/worker";
import type { Logger } from "pino";
import type { AnnounceContext, ChannelsContext, InForce } from "../activities/context.ts";
import { createSlackClient } from "../channels/slack/client.ts";
import { slackFailure } from "../channels/slack/failure.ts";
import { createSlackChannel } from "../channels/slack/slack-channel.ts";
import type { ChannelsSettings } from "../config/settings.ts";
import { LIMITS } from "../core/limits.ts";
import { createSigner } from "../crypto/signature.ts";
import { createSurfaceTokens } from "../crypto/surface-token.ts";
import { loadSigningKey } from "../crypto/trust-file.ts";
import { createShared } from "./context.ts";

export type ChannelsProcess = {
  log: Logger;
  identify: ChannelsContext;
  announce: AnnounceContext;
  connection: NativeConnection;
  destroy(): Promise<void>;
};

/** The process that holds the chat's token: it shows requests there, and says who answered. */
export async function createChannels(settings: ChannelsSettings): Promise<ChannelsProcess> {
  const { slack, publicUrl, postMs } = settings;
  const signer = createSigner(loadSigningKey(settings.signingKeyFile));
  const shared = await createShared(settings);
  const { activities, connection, destroy } = shared;
  const client = createSlackClient(slack, activities.log);
  return {
    log: activities.log,
    identify: {
      ...activities,
      signer,
      userInfo: async (user) => {
        try {
          return (await client.users.info({ user })).user ?? {};
        } catch (error) {
          throw slackFailure(error);
        }
      },
    },
    announce: {
      ...activities,
      ...{ publicUrl, postMs },
      inForce: remembered(activities.inForce, LIMITS.announceConfigurationSeconds * 1000),
      channel: createSlackChannel(client),
      tokens: createSurfaceTokens(slack.surfaceSecret),
      me: `channels_${randomUUID()}`,
    },
    connection,
    destroy,
  };
}

/** What a card says of the configuration may be a moment old; who may answer is asked afresh elsewhere. */
function remembered(current: () => Promise<InForce>, ms: number): () => Promise<InForce> {
  let known: { at: number; value: Promise<InForce> } | null = null;
  return () => {
    if (known !== null && Date.now() - known.at < ms) return known.value;
    const entry = { at: Date.now(), value: current() };
    known = entry;
    entry.value.catch(() => {
      if (known === entry) known = null;
    });
    return entry.value;
  };
}
