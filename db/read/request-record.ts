import { and, asc, eq, inArray, type SQL } from "drizzle-orm";
import type { Deliberation, Outcome } from "../../core/deliberation-types.ts";
import type { Orm, Transaction } from "../client.ts";
import { evaluations } from "../schema/evaluations.ts";
import { executions } from "../schema/executions.ts";
import { outcomes } from "../schema/outcomes.ts";
import { requests } from "../schema/requests.ts";
import { resolutions } from "../schema/resolutions.ts";
import { submissions } from "../schema/submissions.ts";
import type { RequestRecord } from "../types.ts";
import { outcomeOf, statusOf } from "./status.ts";

/** Joins what the workflow recorded with what the executor and operators wrote. */
export async function requestRecords(
  orm: Orm | Transaction,
  where: SQL | undefined,
  order: SQL[],
  limit: number,
): Promise<RequestRecord[]> {
  const rows = await joined(orm)
    .where(where)
    .orderBy(...order)
    .limit(limit);
  const judged = await evaluationsOf(
    orm,
    rows.map((row) => row.request.id),
  );
  return rows.map((row) => recordOf(row, judged.get(row.request.id) ?? []));
}

function joined(orm: Orm | Transaction) {
  return orm
    .select({
      request: requests,
      submission: submissions.content,
      claimedAt: executions.at,
      report: outcomes.report,
      reportedAt: outcomes.at,
      resolution: resolutions.content,
    })
    .from(requests)
    .innerJoin(submissions, eq(submissions.requestId, requests.id))
    .leftJoin(executions, and(eq(executions.requestId, requests.id), eq(executions.status, "claimed")))
    .leftJoin(outcomes, eq(outcomes.requestId, requests.id))
    .leftJoin(resolutions, eq(resolutions.requestId, requests.id))
    .$dynamic();
}

type Joined = Awaited<ReturnType<typeof joined>>[number];
type Judged = typeof evaluations.$inferSelect;

async function evaluationsOf(orm: Orm | Transaction, ids: string[]): Promise<Map<string, Judged[]>> {
  if (ids.length === 0) return new Map();
  const rows = await orm
    .select()
    .from(evaluations)
    .where(inArray(evaluations.requestId, ids))
    .orderBy(asc(evaluations.requestId), asc(evaluations.seq));
  const byRequest = new Map<string, Judged[]>();
  for (const row of rows) byRequest.set(row.requestId, [...(byRequest.get(row.requestId) ?? []), row]);
  return byRequest;
}

function recordOf({ request, submission, claimedAt, report, reportedAt, resolution }: Joined, judged: Judged[]) {
  const later = [claimedAt, reportedAt, resolution?.at ?? null].filter((at) => at !== null);
  return {
    id: request.id,
    status: statusOf({
      recorded: request.recordedStatus,
      claimed: claimedAt !== null,
      report: report?.status ?? null,
      resolution: resolution?.outcome ?? null,
    }),
    submission,
    environment: request.environment,
    names: { requester: request.requesterName, owner: request.ownerName },
    state: request.state,
    evaluation: newest(judged, (row) => row.evaluation),
    description: newest(judged, (row) => row.description),
    facts: newest(judged, (row) => row.facts),
    configurationVersion: newest(judged, (row) => row.configurationVersion),
    outcome: outcomeOf(request.outcome, report, decidedSoFar(request.state)),
    report,
    resolution,
    createdAt: request.createdAt,
    updatedAt: Math.max(request.updatedAt, ...later),
    // Each part only ever grows, so the sum tells newer from older whoever wrote last.
    revision: request.seq + 1 + later.length,
  } satisfies RequestRecord;
}

/** The last one that is there: a gate may have looked again and found only some of these new. */
function newest<T>(judged: Judged[], field: (row: Judged) => T | null): T | null {
  return judged.map(field).findLast((value) => value !== null) ?? null;
}

/** Who let it start, while the workflow has not said so yet. */
function decidedSoFar(state: Deliberation | null): Outcome {
  const approvals = (state?.reviews ?? []).filter((review) => review.verb === "approve");
  return {
    status: "unknown",
    reasons: [],
    decidedBy: state === null || state.requirement === null ? "policy" : "people",
    people: approvals.map((review) => review.person),
    report: null,
  };
}
