import type { KnownBlock, WebClient } from "@slack/web-api";
import type { InForce } from "../../config/configuration-source.ts";
import type { ApiSettings } from "../../config/settings.ts";
import type { AccountId } from "../../core/principal.ts";
import type { SurfaceTokens } from "../../crypto/surface-token.ts";
import type { PersonIdentity } from "../auth/identity.ts";
import type { ApiContext } from "../context.ts";
import type { ClickRate } from "./click-rate.ts";

/** Everything that answers somebody in Slack may use. */
export type SlackContext = {
  api: ApiContext;
  settings: NonNullable<ApiSettings["slack"]>;
  web: WebClient;
  /** Mints and reads what buttons and views carry. */
  tokens: SurfaceTokens;
  /** Never cached here; the source does that. */
  configuration: () => Promise<InForce>;
  /** The app we are; null until Slack has said so, and until then nothing is taken. */
  appId: () => string | null;
  /** Who an account is, asked afresh: for reading and for the switches. Answers are identified by the workflow. */
  identify: (account: AccountId) => Promise<Identified>;
  /** One answer more from one account to one request: the history of a workflow is bounded, and so is what fills it. */
  mayAnswer: ClickRate;
  /** Can Slack reach us, as far as this process knows? */
  listening: () => boolean;
  /** What keeps answers in Slack from being taken; null: nothing. */
  problem: () => string | null;
};

/** `code` is a reason code: why this account is nobody here. */
export type Identified = { kind: "person"; identity: PersonIdentity } | { kind: "refused"; code: string };

/** A slash command that passed every check of its origin. */
export type SlackCommand = {
  account: AccountId;
  /** With its slash. */
  command: string;
  /** What was typed after it. */
  text: string;
  conversation: string;
  /** Lives 3 seconds and opens one view. */
  triggerId: string | null;
};

/** For the eyes of one person; `text` is what a notification shows. */
export type PrivateMessage = { text: string; blocks?: KnownBlock[] };
