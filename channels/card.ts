import type { Deliberation, ExecutionReport, Outcome } from "../core/deliberation-types.ts";
import type { Description, Evaluation } from "../core/evaluation.ts";
import type { ChannelName } from "../core/message.ts";
import type { AccountId, GroupId, Instant, PersonId, PrincipalId } from "../core/principal.ts";
import type { Digest, Submission } from "../core/request.ts";
import type { Status } from "../core/status.ts";

/** What a card is made from: the recorded request (db/types.ts `RequestRecord` is one). */
export type CardSource = {
  id: string;
  status: Status;
  submission: Submission;
  environment: string;
  names: { requester: string; owner: string | null };
  state: Deliberation | null;
  evaluation: Evaluation | null;
  description: Description | null;
  outcome: Outcome | null;
  report: ExecutionReport | null;
  revision: number;
};

/** What the configuration adds to it, for one place. */
export type CardContext = {
  channel: ChannelName;
  publicUrl: string;
  /** May anybody decide in this channel at all? */
  allowDecisions: boolean;
  /** The groups because of which it is shown here. */
  because: GroupId[];
  nameOf: (id: PrincipalId) => string;
  accountOf: (id: PersonId) => AccountId | null;
  sentenceOf: (code: string) => string;
};

/** How somebody approves on this card. */
export type ApproveBy =
  /** One click. */
  | "click"
  /** One click and the vendor's own question, repeating target and amount. */
  | "confirm"
  /** Not everything fits, something is masked, or a note is wanted: read the details first. */
  | "details"
  /** The policy, or the set-up, wants the answer elsewhere. */
  | "page";

/** Words of an agent, or chosen by one: shown literally, never as markup, never in a notification. */
export type AgentText = { agent: string };

/**
 * One request at one moment as neutral content: no vendor, no clock. Every text is our own or the
 * configuration's, except where the type says `AgentText`.
 */
export type Card = {
  version: 1;
  requestId: string;
  digest: Digest;
  factsDigest: Digest | null;
  revision: number;
  status: Status;
  /** From our template; may name what the agent named. */
  title: AgentText;
  /** The line a locked phone shows: our words and names of the configuration only. */
  notification: string;
  /** What the state is and why, in policy words; the first line is the banner. */
  banner: string[];
  fields: { label: string; value: string }[];
  /** What is computed and may hold what the agent named: `label` is ours. */
  facts: { label: string; value: AgentText }[];
  warnings: AgentText[];
  body: { heading: string; text: AgentText; complete: boolean };
  justification: AgentText | null;
  run: AgentText | null;
  /** Who has answered and who is missing, one line each. */
  standing: string[];
  /** What happens when nobody does anything; null when nothing is waited for. */
  ifNothing: { text: string; at: Instant } | null;
  /** How it ended, when it has: redacted, with what the action reported. */
  result: { label: string; value: AgentText }[];
  because: string;
  approve: ApproveBy | null;
  /** Which of the other buttons there are. */
  offers: { deny: boolean; flag: boolean; stop: boolean; release: boolean; details: boolean };
  pageUrl: string;
};
