import type {
  AdmittedMessage,
  Deliberation,
  DeliberationEvent,
  ExecutionReport,
  GateRefusal,
  Happening,
  Outcome,
  Parties,
  Settlement,
} from "../core/deliberation-types.ts";
import type { Description, Evaluation } from "../core/evaluation.ts";
import type { Identification } from "../core/identification.ts";
import type { HumanMessage } from "../core/message.ts";
import type { AccountId, GroupId, Instant, PersonId } from "../core/principal.ts";
import type { Digest, JsonObject, Signed, Submission } from "../core/request.ts";
import type { Roster } from "../core/requirement.ts";

/** What the workflow worker runs itself: only our own database, at most five seconds. */
export interface LocalActivities {
  /** Is this submission signed, by whom it says, for a target and action we have? Reads only. */
  admitSubmission(signed: Signed<Submission>): Promise<SubmissionAdmission>;
  /** Is this message signed, and whose is it, now? Reads only; eligibility is `step`'s to judge. */
  admitMessage(input: AdmitMessageInput): Promise<MessageAdmission>;
  /** Joins facts and asks the policy in force. Reads only. */
  evaluate(input: EvaluateInput): Promise<Evaluated>;
  /** Tries to make sure that this attempt never starts. */
  settle(input: { requestId: string; attempt: number }): Promise<Settlement>;
  /** The only writer of a request's state. First write wins; the answer is what stands. */
  record(input: RecordInput): Promise<Recorded>;
}

/** What runs in the executor's own process, on its own queue, with the target's credentials. */
export interface ExecutorActivities {
  /** Loads the submission itself; carries no arguments. */
  describe(input: { requestId: string }): Promise<Described>;
  /** Gate, claim, run. Carries no arguments, so nothing can be smuggled in. */
  execute(input: { requestId: string; attempt: number }): Promise<Executed>;
}

/** What runs in the channels process, which holds the chat's token and a key that signs identifications only. */
export interface ChannelActivities {
  /**
   * Who is behind this click, asked afresh, and which of the accounts that answered earlier are still anybody's.
   * Signs nothing for a message that nobody we trust has signed.
   */
  identify(input: { signed: Signed<HumanMessage>; earlier: AccountId[] }): Promise<Identified>;
}

export type Identified = { ok: true; identification: Signed<Identification> } | { ok: false; code: string };

export type SubmissionAdmission =
  | {
      ok: true;
      parties: Parties;
      /** Where describe and execute run. */
      executorQueue: string;
      environment: string;
      maxRunSeconds: number;
      /** Silence of a running attempt after which Temporal tries another executor. */
      heartbeatSeconds: number;
      names: { requester: string; owner: string | null };
    }
  | { ok: false; code: string; detail: string };

export type AdmitMessageInput = {
  signed: Signed<HumanMessage>;
  /** With a message from an account of a chat. */
  identification: Signed<Identification> | null;
  requestId: string;
  /** When the request was opened to people: groups imported from a chat count as of then. */
  openedAt: Instant;
  /** People whose standing is asked for too: those who have already answered. */
  reviewers: PersonId[];
  /** Groups that matter to the requirement. */
  groups: GroupId[];
};

export type MessageAdmission =
  | { ok: true; message: AdmittedMessage; roster: Roster }
  | { ok: false; code: string; by: string };

export type Described = { ok: true; description: Description } | { ok: false; code: string; detail: string };

export type EvaluateInput = {
  requestId: string;
  submission: Submission;
  description: Description;
};

export type Evaluated = {
  evaluation: Evaluation;
  facts: JsonObject;
  /** Those who could answer, for the groups of the requirement (escalations included). */
  roster: Roster;
  configurationVersion: number;
};

/** Why a journal entry exists: enough for a history to follow it again. */
export type Cause =
  | { kind: "submitted"; parties: Parties; environment: string; names: { requester: string; owner: string | null } }
  | { kind: "evaluated"; evaluated: Evaluated; factsDigest: Digest }
  /** The request ended before deliberation (facts unavailable, refused by describe). */
  | { kind: "undescribed"; code: string; detail: string }
  | { kind: "step"; event: DeliberationEvent }
  /** A message that was not admitted; only the refusal is kept. */
  | { kind: "refused"; messageId: string; code: string; by: string };

export type JournalEntry = { at: Instant; cause: Cause; happened: Happening[] };

export type RecordInput = {
  requestId: string;
  /** Place in the request's stream: 0, 1, 2, … */
  seq: number;
  entry: JournalEntry;
  /** State after this entry; null until the evaluation opened the deliberation. */
  state: Deliberation | null;
  outcome: Outcome | null;
  /** With the first entry. */
  submission: Signed<Submission> | null;
  /** With a message that step accepted. */
  message: Signed<HumanMessage> | null;
  /** With a message from an account of a chat. */
  identification: Signed<Identification> | null;
  /** With an evaluation, the first or a gate's. */
  description: Description | null;
};

/** `adopted`: what stood there already and differs; the workflow goes on with that. */
export type Recorded = { adopted: JournalEntry | null };

export type Executed =
  | { kind: "refused"; refusal: GateRefusal; description: Description | null }
  | { kind: "ended"; report: ExecutionReport };
