import type { StandsFor } from "./delegation.ts";
import type { Evaluation, Reason } from "./evaluation.ts";
import type { ChannelName, Verb } from "./message.ts";
import type { AccountId, GroupId, Instant, PersonId, PrincipalId } from "./principal.ts";
import type { Digest, Json } from "./request.ts";
import type { Requirement, Roster } from "./requirement.ts";

/** Who is tied to the request and therefore cannot answer it. */
export type Parties = {
  requester: PrincipalId;
  owner: PersonId | null;
  onBehalfOf: PersonId | null;
};

/** A message whose signature held and whose principal is who it says; eligibility is `step`'s to judge. */
export type AdmittedMessage = {
  id: string;
  verb: Verb;
  flag: { reason: string; note: string } | null;
  reason: string | null;
  note: string | null;
  extendSeconds: number | null;
  digest: Digest;
  factsDigest: Digest | null;
  /** The person behind the account (never a second account), or the requesting agent. */
  by: PrincipalId;
  /** The account as it came in, when it is another one. */
  via: PrincipalId | AccountId;
  name: string;
  /** All groups of `by`, now; those imported from a chat as of the request. */
  groups: GroupId[];
  /** Colleagues who are away and named `by` to answer for them. */
  standsFor?: StandsFor[];
  /** Accounts whose earlier answers count no more, because the chat has switched them off since. */
  off?: AccountId[];
  channel: ChannelName;
  signedAt: Instant;
};

/** Newest answer of one person; earlier ones stay in the record only. */
export type Review = {
  messageId: string;
  person: PersonId;
  name: string;
  verb: "approve" | "deny";
  groups: GroupId[];
  standsFor?: StandsFor[];
  /** The account of a chat it came from. */
  via?: AccountId;
  channel: ChannelName;
  factsDigest: Digest | null;
  reason: string | null;
  note: string | null;
  signedAt: Instant;
};

/** A flag as it stands in the record: with a hold, or as a follow-up beside an answer. */
export type Flag = {
  messageId: string;
  by: PersonId;
  name: string;
  reason: string;
  note: string;
  held: boolean;
  at: Instant;
};

export type Hold = {
  by: PersonId;
  since: Instant;
  expiresAt: Instant;
  /** What was left of the deadline when the hold began; given back at release. */
  remainingMs: number;
};

export type Phase = "pending" | "held" | "starting" | "settling" | "ended";

export type ExecutionReport = {
  status: "succeeded" | "failed" | "unknown";
  code: string;
  /** For people; redacted, bounded. */
  detail: string | null;
  result: Json;
  startedAt: Instant | null;
  endedAt: Instant | null;
};

/** The executor's own check said no. `again`: back to people; the others end the request. */
export type GateRefusal = {
  disposition: "again" | "denied" | "expired";
  code: string;
  detail: string | null;
  reasons: Reason[];
  /** With `again`: what holds now. */
  evaluation: Evaluation | null;
  factsDigest: Digest | null;
  /** With `again` because of drift: approvals given on other facts than these are void. */
  voidReviewsBefore: boolean;
  roster: Roster;
};

export type Settlement =
  /** The tombstone stands: this attempt never started and never will. */
  | { won: true }
  /** A claim was there first; what is known of it. */
  | { won: false; report: ExecutionReport | null };

export type Outcome = {
  status: "denied" | "expired" | "withdrawn" | ExecutionReport["status"];
  reasons: Reason[];
  decidedBy: "policy" | "people" | "time" | "requester" | "owner" | "operator" | "auditor" | "gate";
  /** Who, when people (or one person) decided. */
  people: PrincipalId[];
  report: ExecutionReport | null;
};

export type Deliberation = {
  phase: Phase;
  requestId: string;
  digest: Digest;
  factsDigest: Digest;
  parties: Parties;
  /** null after an allow: nobody has to answer. */
  requirement: Requirement | null;
  validForSeconds: number;
  roster: Roster;
  /** Reasons of the evaluation in force. */
  reasons: Reason[];
  reviews: Review[];
  flags: Flag[];
  openedAt: Instant;
  /** null after an allow, until a gate sends it to people. */
  deadlineAt: Instant | null;
  hold: Hold | null;
  /** Seconds after opening of reminders already given. */
  reminded: number[];
  /** Groups each slot (by index) has been widened to. */
  widened: GroupId[][];
  /** Number of the latest attempt; 0 before the first. */
  attempt: number;
  /** While starting: when the requirement was met, and until when the start may happen. */
  metAt: Instant | null;
  executeBy: Instant | null;
  /** How many times a gate sent this back to people. */
  rounds: number;
  /** While settling: the event that wants this attempt not to start. */
  settling: DeliberationEvent | null;
  /** `executeBy` passed and a claim was there: wait for its end, do not settle again. */
  claimSeen: boolean;
  seen: string[];
  outcome: Outcome | null;
};

export type MessageEvent = { kind: Verb; message: AdmittedMessage; roster: Roster };

export type DeliberationEvent =
  | MessageEvent
  | { kind: "tick" }
  /** Temporal's Cancel: a withdrawal by an operator. */
  | { kind: "cancelled" }
  | { kind: "settled"; settlement: Settlement }
  | { kind: "gateRefused"; attempt: number; refusal: GateRefusal }
  | { kind: "executed"; attempt: number; report: ExecutionReport };
export type EventKind = DeliberationEvent["kind"];

export type Effect =
  | { kind: "start"; attempt: number; executeBy: Instant }
  | { kind: "settle"; attempt: number }
  | { kind: "cancel"; attempt: number };

/** What the sender of a message is told. A refusal is a value, never an exception. */
export type Answer = { recorded: true; code: string } | { recorded: false; code: string };

export type Step = {
  state: Deliberation;
  /** null for events nobody waits for. */
  answer: Answer | null;
  effects: Effect[];
  /** Things that happened, one audit event each (a tick can remind and escalate at once). */
  happened: Happening[];
};

/** One line of the timeline. `type` is closed; `docs/LIFECYCLE.md` lists it. */
export type Happening = {
  type: HappeningType;
  by: PrincipalId | null;
  reasons: Reason[];
  /** Small, typed by `type`; e.g. `{slot: "group:x", to: "group:y"}` for an escalation. */
  data: { [key: string]: Json };
};

export const HAPPENINGS = [
  "request.submitted",
  "request.evaluated",
  "request.pending",
  "review.approved",
  "review.denied",
  "review.flagged",
  "review.refused",
  "request.held",
  "request.released",
  "request.extended",
  "request.reminded",
  "request.escalated",
  "request.starting",
  "request.settled",
  "request.stopping",
  "gate.refused",
  "request.denied",
  "request.expired",
  "request.withdrawn",
  "request.succeeded",
  "request.failed",
  "request.unknown",
] as const;
export type HappeningType = (typeof HAPPENINGS)[number];

/** What a deliberation opens with: the request and the evaluation in force. */
export type Opening = {
  requestId: string;
  digest: Digest;
  parties: Parties;
  /** `allow` or `review`; a deny never opens one. */
  evaluation: Evaluation;
  roster: Roster;
  openedAt: Instant;
};
