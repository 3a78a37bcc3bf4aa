import { type App as BoltApp, SocketModeReceiver } from "@slack/bolt";
import { complaints } from "../../channels/slack/client.ts";
import { LIMITS } from "../../core/limits.ts";
import { NotTaken, type TakeInbound } from "./inbound.ts";
import { type Background, keepTrying } from "./keep-trying.ts";

export type SocketReceiver = { connected: () => boolean; close: () => Promise<void> };

/**
 * A socket that we open to Slack, and open again whenever it ends. The library's own reconnecting is off: when
 * Slack is away for a moment it gives up with a rejection that nobody can catch, and it waits five seconds first.
 */
export function socketReceiver(
  { appToken, apiUrl }: { appToken: string; apiUrl: string },
  { log, stopping }: Background,
  take: TakeInbound,
): SocketReceiver {
  const receiver = new SocketModeReceiver({
    appToken,
    autoReconnectEnabled: false,
    logger: complaints(log),
    installerOptions: {
      clientOptions: {
        slackApiUrl: apiUrl,
        retryConfig: { retries: 0 },
        timeout: LIMITS.slackCallSeconds * 1000,
        allowAbsoluteUrls: false,
      },
    },
    processEventErrorHandler: async ({ error }) => {
      if (!(error instanceof NotTaken)) log.error({ err: error }, "a delivery of Slack failed");
      return false;
    },
  });
  // Of an app, a receiver uses this one function.
  const app: Pick<BoltApp, "processEvent"> = { processEvent: take };
  receiver.init(app as BoltApp);
  let connected = false;
  const open = async () => {
    // Whoever takes the connection and never says hello is given up, so that it is tried again.
    const patience = setTimeout(() => void receiver.client.disconnect(), LIMITS.slackSocketSeconds * 1000);
    await receiver.start().finally(() => clearTimeout(patience));
    connected = true;
    if (stopping.aborted) await receiver.client.disconnect();
  };
  const keepOpen = () => keepTrying({ what: "the Slack socket", log, stopping }, open);
  receiver.client.on("disconnected", () => {
    if (connected) keepOpen();
    connected = false;
  });
  keepOpen();
  return {
    connected: () => connected,
    close: async () => (connected ? receiver.client.disconnect() : undefined),
  };
}
