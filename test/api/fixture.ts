import { open } from "../../core/deliberation.ts";
import type { Deliberation, HappeningType, Outcome } from "../../core/deliberation-types.ts";
import type { Evaluation } from "../../core/evaluation.ts";
import type { Submission } from "../../core/request.ts";
import { actionDigest, digestOf } from "../../crypto/digest.ts";
import { requestById } from "../../db/read/requests.ts";
import { record } from "../../db/record.ts";
import type { TestApi } from "../support/api.ts";

export const ARGUMENTS = { statement: "select id from customers", format: "csv", maxRows: 100 };
const ACTION = { type: "postgres.export", target: "crm", arguments: ARGUMENTS };
const FACTS = { data: { rows: 12_400 } };
const PARTIES = { requester: "agent:reporting-bot", owner: "person:dana", onBehalfOf: null } as const;

/** A request as a worker would have recorded it: evaluated, and waiting for one of the data owners. */
export async function recordPending(
  api: TestApi,
  requestId: string,
  change: (state: Deliberation) => Deliberation = (state) => state,
): Promise<void> {
  const at = Date.now();
  const content: Submission = {
    ...{ version: 1, requestId, requester: PARTIES.requester, onBehalfOf: null, action: ACTION },
    digest: actionDigest(ACTION),
    ...{ justification: "Quarterly numbers", run: "run-1", credentialId: "cred_1", submittedAt: at },
  };
  const evaluation = evaluationOf();
  const description = {
    facts: FACTS,
    preview: {
      title: "Export 12,400 rows of customers",
      fields: [{ label: "Rows", value: "12,400" }],
      body: { label: "Statement", language: "sql" as const, text: ARGUMENTS.statement },
      warnings: [],
    },
  };
  const { state: opened } = open({
    ...{ requestId, digest: content.digest, parties: PARTIES, evaluation, openedAt: at },
    roster: [{ person: "person:alice", name: "Alice Ahmadi", groups: ["group:data-owners"] }],
  });
  const happened = (type: "request.submitted" | "request.pending") => {
    return { type, by: type === "request.submitted" ? PARTIES.requester : null, reasons: [], data: {} };
  };
  const names = { requester: "Reporting bot", owner: "Dana Duarte" };
  await record(api.context.database, {
    ...{ requestId, seq: 0, state: null, outcome: null, message: null, identification: null, description: null },
    submission: await api.context.signer.sign("submission", content),
    entry: {
      at,
      cause: { kind: "submitted", parties: PARTIES, environment: "production", names },
      happened: [happened("request.submitted")],
    },
  });
  const evaluated = { evaluation, facts: FACTS, roster: [], configurationVersion: 1 };
  await record(api.context.database, {
    ...{ requestId, seq: 1, outcome: null, message: null, identification: null, description, submission: null },
    state: change(opened),
    entry: {
      at,
      cause: { kind: "evaluated", evaluated, factsDigest: evaluation.factsDigest },
      happened: [happened("request.pending")],
    },
  });
}

function evaluationOf(): Evaluation {
  return {
    outcome: "review",
    reasons: [{ code: "BULK_EXPORT", rule: "exports", note: null }],
    rules: [],
    requirement: {
      slots: [{ from: "group:data-owners", count: 1, escalate: [] }],
      ...{ timeoutSeconds: 600, maxTimeoutSeconds: 3600, validForSeconds: 600, remindSeconds: [] },
      ...{ channels: ["page", "api"], holdSeconds: 3600, excludeGroups: [], justification: "optional" },
    },
    validForSeconds: 600,
    provenance: {},
    policyDigest: digestOf("policies"),
    engine: "cel",
    factsDigest: digestOf(FACTS),
  };
}

/** The next entry of the same request: a reminder, or its end. */
export async function recordNext(api: TestApi, requestId: string, seq: number, outcome: Outcome | null): Promise<void> {
  const known = await requestById(api.context.database, requestId);
  const state = known?.state ?? null;
  if (state === null) throw new Error(`${requestId} is not recorded`);
  const type = outcome === null ? "request.reminded" : `request.${outcome.status}`;
  await record(api.context.database, {
    ...{ requestId, seq, outcome, message: null, identification: null, description: null, submission: null },
    state: outcome === null ? state : { ...state, phase: "ended", outcome },
    entry: {
      at: Date.now(),
      cause: { kind: "step", event: { kind: "tick" } },
      happened: [{ type: type as HappeningType, by: null, reasons: outcome?.reasons ?? [], data: {} }],
    },
  });
}

export const WITHDRAWN: Outcome = {
  status: "withdrawn",
  reasons: [{ code: "REVIEW_WITHDRAWN", rule: null, note: null }],
  decidedBy: "requester",
  people: ["agent:reporting-bot"],
  report: null,
};

export const UNKNOWN: Outcome = {
  status: "unknown",
  reasons: [{ code: "EXEC_UNKNOWN", rule: null, note: null }],
  decidedBy: "people",
  people: ["person:alice"],
  report: { status: "unknown", code: "EXEC_UNKNOWN", detail: null, result: null, startedAt: null, endedAt: null },
};
