import type { StandsFor } from "../core/delegation.ts";
import type { Deliberation, ExecutionReport, Happening, Outcome } from "../core/deliberation-types.ts";
import type { Description, Evaluation } from "../core/evaluation.ts";
import type { Identification } from "../core/identification.ts";
import type { HumanMessage } from "../core/message.ts";
import type { AgentId, GroupId, Instant, PersonId, PrincipalId } from "../core/principal.ts";
import type { Digest, Json, JsonObject, Signed, Submission } from "../core/request.ts";
import type { Status } from "../core/status.ts";

/** Everything pages, lists and waits need of one request. */
export type RequestRecord = {
  id: string;
  status: Status;
  submission: Submission;
  environment: string;
  names: { requester: string; owner: string | null };
  /** null until evaluated. */
  state: Deliberation | null;
  evaluation: Evaluation | null;
  description: Description | null;
  facts: JsonObject | null;
  configurationVersion: number | null;
  /** Recorded end, or what the executor wrote when the workflow has not got to it yet. */
  outcome: Outcome | null;
  report: ExecutionReport | null;
  resolution: Resolution | null;
  createdAt: Instant;
  updatedAt: Instant;
  /** Grows with each recorded change; what waits and SSE compare. */
  revision: number;
};

/** Somebody for whom lists are made. */
export type Reader = {
  /** The account and the person behind it. */
  self: PrincipalId[];
  groups: GroupId[];
  /** Those of the groups that count only for requests opened since then. */
  joined: { group: GroupId; since: Instant }[];
  /** Colleagues who are away and whose place the reader can take. */
  standsFor: StandsFor[];
};

export type ListFilter = {
  status: Status | null;
  /** Requests that this reader could answer now, and has not. */
  waitingFor: Reader | null;
  /** Requests these principals asked for, own, or were asked on behalf of. */
  partyTo: PrincipalId[] | null;
  /** Requests this reader asked for, owns, is asked to answer, or answered. null: all. */
  concerning: Reader | null;
  requester: PrincipalId | null;
  actionType: string | null;
  text: string | null;
  cursor: string | null;
  limit: number;
};
export type Page<T> = { items: T[]; nextCursor: string | null };

export type AuditEvent = {
  /** Place in the list, for `after=`. */
  id: string;
  stream: string;
  seq: number;
  part: number;
  at: Instant;
  type: string;
  by: PrincipalId | null;
  reasons: Happening["reasons"];
  data: { [key: string]: Json };
};

/** A switch thrown or lifted; insert-only and signed by the process that authenticated the operator. */
export type FreezeOrder = {
  version: 1;
  id: string;
  kind: "freeze" | "lift";
  /** With `lift`: the freeze it ends. */
  lifts: string | null;
  scope: { agent: AgentId | null; actionType: string | null; target: string | null };
  reason: string;
  by: PersonId;
  at: Instant;
};

export type Resolution = {
  version: 1;
  requestId: string;
  outcome: "succeeded" | "failed";
  reason: string;
  note: string;
  by: PersonId;
  at: Instant;
};

/** What the gate loads to judge for itself. */
export type GateMaterial = {
  submission: Signed<Submission>;
  /** In the order they were recorded; `at` is the workflow's time when it took the message. */
  messages: { signed: Signed<HumanMessage>; identification: Signed<Identification> | null; at: Instant }[];
  /** When the evaluation was recorded. */
  openedAt: Instant;
  /** When an evaluation first sent it to people; null while nobody was asked. */
  asked: Instant | null;
  /** Of the latest recorded evaluation. */
  policyDigest: Digest | null;
  /** Descriptions recorded for this request, by facts digest: what reviewers were shown. */
  shown: { factsDigest: Digest; description: Description }[];
  execution: ExecutionRow | null;
};

export type ExecutionRow = {
  attempt: number;
  status: "claimed" | "never";
  claimedAt: Instant;
  report: ExecutionReport | null;
};

export type ClaimInput = {
  requestId: string;
  attempt: number;
  executeBy: Instant;
  now: Instant;
  scope: { agent: PrincipalId; actionType: string; target: string };
  policyDigest: Digest;
  configurationVersion: number;
};
export type ClaimResult =
  | { claimed: true }
  | {
      claimed: false;
      code: "ADMIN_FROZEN" | "TIME_NOT_STARTED" | "EXEC_NEVER" | "EXEC_ALREADY_CLAIMED";
      freezeId: string | null;
    };

export type CredentialKind = "agent-key" | "person-token";
export type Credential = {
  id: string;
  kind: CredentialKind;
  principal: PrincipalId;
  scopes: string[];
  createdAt: Instant;
  expiresAt: Instant | null;
  revokedAt: Instant | null;
  lastUsedAt: Instant | null;
};
