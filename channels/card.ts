import type { Deliberation, ExecutionReport, Outcome } from "../core/deliberation-types.ts";
import type { Description, Evaluation, Reason } from "../core/evaluation.ts";
import type { ChannelName } from "../core/message.ts";
import type { AccountId, GroupId, PersonId, PrincipalId } from "../core/principal.ts";
import type { Digest, Submission } from "../core/request.ts";
import type { Status } from "../core/status.ts";
import type { AgentText, Line, Quoted } from "./line.ts";

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
  /** An operator's word about an end that was not known. */
  resolution?: { outcome: "succeeded" | "failed"; note: string; by: PersonId } | null;
  /** What people were asked before a gate sent the request back to them; null while none did. */
  previous?: Previous | null;
};

/** The round before: why the gate said no, and what was shown then. */
export type Previous = { reasons: Reason[]; description: Description | null; evaluation: Evaluation | null };

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
  /** Who answers for somebody who is away. */
  standInOf: (id: PersonId) => PersonId | null;
  sentenceOf: (code: string) => string;
};

/** What somebody wrote; `by` is ours. */
export type Note = { by: string; text: AgentText };

/** How somebody approves on this card. */
export type ApproveBy =
  /** One click. */
  | "click"
  /** One click and the vendor's own question, repeating target and amount. */
  | "confirm"
  /** Not everything fits, or something is masked: read the details first. */
  | "details"
  /** The policy, or the set-up, wants the answer elsewhere. */
  | "page";

/**
 * One request at one moment as neutral content: no vendor, no clock. A `string` and a `Line` are our own words
 * and the configuration's; what an agent wrote or chose, or a person in a note, is `AgentText`.
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
  /** Stands behind the title: "approval needed". */
  ending: string;
  /** The line a locked phone shows. */
  notification: string;
  /** What the state is and why, in policy words; the first line says the state. */
  banner: Line[];
  fields: { label: string; value: Line }[];
  /** What is different from what people were asked before. */
  changed: Quoted[];
  warnings: AgentText[];
  /** What is computed. */
  facts: { label: string; value: AgentText }[];
  body: { heading: string; text: AgentText };
  justification: AgentText | null;
  run: AgentText | null;
  /** What people and the executor wrote beside their answers. */
  notes: Note[];
  /** Who has answered and who is missing, one line each. */
  standing: Line[];
  /** What happens when nobody does anything; null when nothing is waited for. */
  ifNothing: Line | null;
  /** What the action reported, in its own words. */
  result: { label: AgentText; value: AgentText }[];
  because: string;
  /** Is nothing masked or left out of what there is to decide on? */
  complete: boolean;
  approve: ApproveBy | null;
  /** Which of the other buttons there are. */
  offers: { deny: boolean; flag: boolean; stop: boolean; details: boolean };
  pageUrl: string;
  /** Names what an approval would set going, in the vendor's own question. */
  target: AgentText;
  environment: string;
};
