import type { JournalEntry, RecordInput } from "../../activities/types.ts";
import type { Deliberation, ExecutionReport, Outcome } from "../../core/deliberation-types.ts";
import type { Description, Evaluation } from "../../core/evaluation.ts";
import type { HumanMessage } from "../../core/message.ts";
import type { Digest, Signed, Submission } from "../../core/request.ts";
import type { Requirement } from "../../core/requirement.ts";
import { actionDigest, digestOf } from "../../crypto/digest.ts";
import type { ClaimInput } from "../../db/types.ts";

/** Noon of a day in 2026; everything below is told from here. */
export const NOON = Date.UTC(2026, 10, 24, 12);
export const ACTION = { type: "postgres.export", target: "crm", arguments: { sql: "select 1" } };
export const DIGEST = actionDigest(ACTION);
export const FACTS_DIGEST: Digest = digestOf({ data: { rows: 12_400 } });
const POLICY_DIGEST: Digest = digestOf("policies");

export function submission(requestId: string, tweak: Partial<Submission> = {}): Signed<Submission> {
  const content: Submission = {
    version: 1,
    requestId,
    requester: "agent:reporter",
    onBehalfOf: "person:olga",
    action: ACTION,
    digest: DIGEST,
    justification: "Quarterly numbers",
    run: null,
    credentialId: "cred_1",
    submittedAt: NOON,
    ...tweak,
  };
  return { content, jws: `jws of ${requestId}` };
}

const REQUIREMENT: Requirement = {
  slots: [
    { from: "group:data", count: 2, escalate: [] },
    { from: "group:security", count: 1, escalate: [{ afterSeconds: 60, to: "group:leads" }] },
  ],
  timeoutSeconds: 3_600,
  maxTimeoutSeconds: 7_200,
  validForSeconds: 900,
  remindSeconds: [],
  channels: ["page"],
  holdSeconds: 3_600,
  excludeGroups: [],
  justification: "optional",
};

export const EVALUATION: Evaluation = {
  outcome: "review",
  reasons: [{ code: "BULK_EXPORT", rule: "bulk", note: null }],
  rules: [],
  requirement: REQUIREMENT,
  validForSeconds: 900,
  provenance: {},
  policyDigest: POLICY_DIGEST,
  engine: "cel",
  factsDigest: FACTS_DIGEST,
};

export const DESCRIPTION: Description = {
  facts: { data: { rows: 12_400 } },
  preview: {
    title: "Export 12,400 rows of customers",
    fields: [],
    body: { label: "SQL", language: "sql", text: "select 1" },
    warnings: [],
  },
};

export function pending(requestId: string, tweak: Partial<Deliberation> = {}): Deliberation {
  return {
    phase: "pending",
    requestId,
    digest: DIGEST,
    factsDigest: FACTS_DIGEST,
    parties: { requester: "agent:reporter", owner: "person:otto", onBehalfOf: "person:olga" },
    requirement: REQUIREMENT,
    validForSeconds: 900,
    roster: [],
    reasons: EVALUATION.reasons,
    reviews: [],
    flags: [],
    openedAt: NOON + 1_000,
    deadlineAt: NOON + 3_601_000,
    hold: null,
    reminded: [],
    widened: [[], []],
    attempt: 0,
    metAt: null,
    executeBy: null,
    rounds: 0,
    settling: null,
    claimSeen: false,
    seen: [],
    outcome: null,
    ...tweak,
  };
}

export function starting(requestId: string, attempt = 1): Deliberation {
  return pending(requestId, { phase: "starting", attempt, metAt: NOON + 5_000, executeBy: NOON + 905_000 });
}

export function submitted(requestId: string, tweak: Partial<RecordInput> = {}): RecordInput {
  return {
    requestId,
    seq: 0,
    entry: {
      at: NOON,
      cause: {
        kind: "submitted",
        parties: { requester: "agent:reporter", owner: "person:otto", onBehalfOf: "person:olga" },
        environment: "production",
        names: { requester: "Reporter", owner: "Otto" },
      },
      happened: [happening("request.submitted")],
    },
    state: null,
    outcome: null,
    submission: submission(requestId),
    message: null,
    identification: null,
    description: null,
    ...tweak,
  };
}

export function evaluated(requestId: string, tweak: Partial<RecordInput> = {}): RecordInput {
  const cause: JournalEntry["cause"] = {
    kind: "evaluated",
    evaluated: { evaluation: EVALUATION, facts: { data: { rows: 12_400 } }, roster: [], configurationVersion: 7 },
    factsDigest: FACTS_DIGEST,
  };
  const happened = [happening("request.evaluated"), happening("request.pending")];
  return {
    ...submitted(requestId, { submission: null }),
    seq: 1,
    entry: { at: NOON + 1_000, cause, happened },
    state: pending(requestId),
    description: DESCRIPTION,
    ...tweak,
  };
}

/** Any later entry: what the deliberation looked like after it. */
export function later(
  requestId: string,
  seq: number,
  state: Deliberation,
  tweak: Partial<RecordInput> = {},
): RecordInput {
  const cause: JournalEntry["cause"] = { kind: "step", event: { kind: "tick" } };
  const happened = [happening("request.reminded")];
  return {
    ...submitted(requestId, { submission: null }),
    seq,
    entry: { at: NOON + seq * 1_000, cause, happened },
    state,
    outcome: state.outcome,
    ...tweak,
  };
}

export function ended(status: Outcome["status"], report: ExecutionReport | null = null): Outcome {
  return { status, reasons: [], decidedBy: "people", people: [], report };
}

export function report(status: ExecutionReport["status"] = "succeeded"): ExecutionReport {
  const code = `EXEC_${status.toUpperCase()}`;
  return { status, code, detail: null, result: { rows: 3 }, startedAt: NOON + 6_000, endedAt: NOON + 7_000 };
}

export function message(requestId: string, id: string, tweak: Partial<HumanMessage> = {}): Signed<HumanMessage> {
  const content: HumanMessage = {
    version: 1,
    id,
    requestId,
    digest: DIGEST,
    factsDigest: FACTS_DIGEST,
    verb: "approve",
    flag: null,
    reason: null,
    note: null,
    extendSeconds: null,
    principal: "person:dana",
    channel: "page",
    evidence: { method: "session", credentialId: "ses_1" },
    signedAt: NOON + 2_000,
    ...tweak,
  };
  return { content, jws: `jws of ${id}` };
}

export function claimOf(requestId: string, tweak: Partial<ClaimInput> = {}): ClaimInput {
  return {
    requestId,
    attempt: 1,
    executeBy: NOON + 905_000,
    now: NOON + 6_000,
    scope: { agent: "agent:reporter", actionType: ACTION.type, target: ACTION.target },
    policyDigest: POLICY_DIGEST,
    configurationVersion: 7,
    ...tweak,
  };
}

function happening(type: JournalEntry["happened"][number]["type"]): JournalEntry["happened"][number] {
  return { type, by: null, reasons: [], data: {} };
}
