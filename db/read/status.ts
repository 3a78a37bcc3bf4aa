import { type SQL, sql } from "drizzle-orm";
import type { ExecutionReport, Outcome } from "../../core/deliberation-types.ts";
import type { Status } from "../../core/status.ts";
import { executions } from "../schema/executions.ts";
import { outcomes } from "../schema/outcomes.ts";
import { requests } from "../schema/requests.ts";
import { resolutions } from "../schema/resolutions.ts";
import type { Resolution } from "../types.ts";

/** What four rows know of one request: the workflow's, the claim, its outcome, an operator's word. */
export type Known = {
  recorded: Exclude<Status, "running">;
  claimed: boolean;
  report: ExecutionReport["status"] | null;
  resolution: Resolution["outcome"] | null;
};

/**
 * What everyone sees. A claim outweighs what the workflow recorded, because the executor wrote it when it
 * happened; what the executor saw outweighs what an operator was told.
 */
export function statusOf({ recorded, claimed, report, resolution }: Known): Status {
  if (report === "succeeded" || report === "failed") return report;
  const ended = recorded === "succeeded" || recorded === "failed" || recorded === "unknown";
  const status = report ?? (claimed && !ended ? "running" : recorded);
  return status === "unknown" && resolution !== null ? resolution : status;
}

/** The same as `statusOf`, where rows are filtered; a test holds the two together. */
export const STATUS_SQL: SQL<Status> = sql<Status>`case
  when ${outcomes.status} in ('succeeded', 'failed') then ${outcomes.status}
  when coalesce(${outcomes.status}, ${requests.recordedStatus}) = 'unknown' then coalesce(${resolutions.outcome}, 'unknown')
  when ${executions.status} = 'claimed' and ${requests.recordedStatus} not in ('succeeded', 'failed') then 'running'
  else ${requests.recordedStatus} end`;

/**
 * The recorded end; or, when the executor knows better or knows already, the end that follows from its report.
 */
export function outcomeOf(recorded: Outcome | null, report: ExecutionReport | null, by: Outcome): Outcome | null {
  if (report === null || recorded?.status === report.status) return recorded;
  const reasons = [{ code: report.code, rule: null, note: report.detail }];
  return { ...(recorded ?? by), status: report.status, reasons, report };
}
