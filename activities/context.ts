import type { Channel } from "../channels/channel.ts";
import type { Message } from "../channels/slack/blocks.ts";
import type { SlackUser } from "../channels/slack/people.ts";
import type { Configuration } from "../config/configuration.ts";
import type { SurfaceTokens } from "../crypto/surface-token.ts";
import type { Signer, Verifier } from "../crypto/types.ts";
import type { Database } from "../db/client.ts";
import type { CompiledPolicies } from "../policy/compile.ts";

/** What is in force right now: a configuration whose signature held, and its compiled policies. */
export type InForce = { configuration: Configuration; policies: CompiledPolicies };

/** What every activity of ours needs; worker/context.ts builds it. */
export type ActivityContext = {
  db: Database;
  inForce: () => Promise<InForce>;
  /** The process's own trust file, joined with the keys of programs in the signed configuration. */
  verifier: (configuration: Configuration) => Verifier;
  now: () => number;
  log: { info: (data: object, text: string) => void; warn: (data: object, text: string) => void };
};

export type WorkflowsContext = ActivityContext & { heartbeatSeconds: number };

/** The channels process: holds the chat's token, and a key that signs whose account it was and nothing else. */
export type ChannelsContext = ActivityContext & {
  signer: Signer;
  /** What Slack says of an account, asked now; throws a `ChannelFailure`. */
  userInfo: (userId: string) => Promise<SlackUser>;
};

/** What makes surfaces show what is recorded. */
export type AnnounceContext = ActivityContext & {
  channel: Channel<Message>;
  tokens: SurfaceTokens;
  publicUrl: string;
  /** Milliseconds between two posts into one conversation. */
  postMs: number;
  /** This process, among all that announce. */
  me: string;
};

export type ExecutorContext = ActivityContext & {
  environment: string;
  secret: (name: string) => string;
  exportsDirectory: string;
};
