import { and, desc, eq } from "drizzle-orm";
import type { ExecutionReport, Settlement } from "../core/deliberation-types.ts";
import { CountersignError } from "../core/errors.ts";
import type { Instant } from "../core/principal.ts";
import type { Signed } from "../core/request.ts";
import { appendEvents } from "./audit.ts";
import { announceChange } from "./changes.ts";
import { type Database, type Orm, reading, type Transaction, writing } from "./client.ts";
import { freezeOver } from "./freezes-in-force.ts";
import { FREEZE_LOCK, lockRequest, lockShared } from "./locks.ts";
import { executions } from "./schema/executions.ts";
import { outcomes } from "./schema/outcomes.ts";
import { requests } from "./schema/requests.ts";
import type { ClaimInput, ClaimResult, ExecutionRow, FreezeOrder } from "./types.ts";

/**
 * Makes a start happen once, or says why it does not. `liftHolds` lets the executor verify with its own keys
 * that a freeze was really lifted; a freeze itself counts whoever wrote it, because it only stops.
 */
export async function claim(
  db: Database,
  input: ClaimInput,
  liftHolds: (lift: Signed<FreezeOrder>) => Promise<boolean> = async () => true,
): Promise<ClaimResult> {
  return writing(db, async (transaction) => {
    await lockShared(transaction, FREEZE_LOCK);
    await lockRequest(transaction, input.requestId);
    const refusal = await refusalOf(transaction, input, liftHolds);
    if (refusal !== null) return refusal;
    await keepClaim(transaction, input);
    await announceChange(transaction, input.requestId);
    return { claimed: true };
  });
}

/**
 * Tries to make sure that this attempt never starts. Lost when any attempt has claimed; then the answer is what is
 * known of that one. Repeating it gives the same answer.
 */
export async function settle(db: Database, requestId: string, attempt: number, now: Instant): Promise<Settlement> {
  return writing(db, async (transaction) => {
    await lockRequest(transaction, requestId);
    const claimed = await claimOf(transaction, requestId);
    if (claimed !== null) return { won: false, report: claimed.report };
    await transaction.insert(executions).values({ requestId, attempt, status: "never", at: now }).onConflictDoNothing();
    return { won: true };
  });
}

/** Keeps how it ended, once; answers what stands. */
export async function writeOutcome(
  db: Database,
  requestId: string,
  attempt: number,
  report: ExecutionReport,
): Promise<ExecutionReport> {
  return writing(db, async (transaction) => {
    await lockRequest(transaction, requestId);
    const claimed = await claimOf(transaction, requestId);
    if (claimed?.attempt !== attempt) {
      throw new CountersignError("HISTORY_FORKED", `Attempt ${attempt} of ${requestId} ended without having started.`);
    }
    if (claimed.report !== null) return claimed.report;
    await keepOutcome(transaction, requestId, attempt, report, report.endedAt ?? claimed.claimedAt);
    await announceChange(transaction, requestId);
    return report;
  });
}

/** The claim if there is one, else the newest tombstone, else null. */
export async function executionOf(db: Database, requestId: string): Promise<ExecutionRow | null> {
  return reading(db, (orm) => executionIn(orm, requestId));
}

export async function executionIn(orm: Orm | Transaction, requestId: string): Promise<ExecutionRow | null> {
  const [row] = await orm
    .select({
      attempt: executions.attempt,
      status: executions.status,
      claimedAt: executions.at,
      report: outcomes.report,
    })
    .from(executions)
    .leftJoin(outcomes, and(eq(outcomes.requestId, executions.requestId), eq(outcomes.attempt, executions.attempt)))
    .where(eq(executions.requestId, requestId))
    // "claimed" comes before "never".
    .orderBy(executions.status, desc(executions.attempt))
    .limit(1);
  return row ?? null;
}

async function claimOf(transaction: Transaction, requestId: string): Promise<ExecutionRow | null> {
  const row = await executionIn(transaction, requestId);
  return row?.status === "claimed" ? row : null;
}

async function refusalOf(
  transaction: Transaction,
  { requestId, attempt, executeBy, now, scope }: ClaimInput,
  liftHolds: (lift: Signed<FreezeOrder>) => Promise<boolean>,
): Promise<ClaimResult | null> {
  const standing = await executionIn(transaction, requestId);
  if (standing?.status === "claimed") return refused("EXEC_ALREADY_CLAIMED");
  if (standing !== null && standing.attempt >= attempt) return refused("EXEC_NEVER");
  if (await hasEnded(transaction, requestId)) return refused("EXEC_NEVER");
  if (now >= executeBy) return refused("TIME_NOT_STARTED");
  const freezeId = await freezeOver(transaction, scope, liftHolds);
  return freezeId === null ? null : refused("ADMIN_FROZEN", freezeId);
}

function refused(code: Extract<ClaimResult, { claimed: false }>["code"], freezeId: string | null = null): ClaimResult {
  return { claimed: false, code, freezeId };
}

/** The record is no authority for a start, but when it says that all is over, nothing starts. */
async function hasEnded(transaction: Transaction, requestId: string): Promise<boolean> {
  const [row] = await transaction
    .select({ status: requests.recordedStatus })
    .from(requests)
    .where(eq(requests.id, requestId));
  return row !== undefined && ENDED.has(row.status);
}

const ENDED: ReadonlySet<string> = new Set(["denied", "expired", "withdrawn", "succeeded", "failed", "unknown"]);

async function keepClaim(transaction: Transaction, input: ClaimInput): Promise<void> {
  const { requestId, attempt, executeBy, now: at, scope, policyDigest, configurationVersion } = input;
  const under = { policyDigest, configurationVersion };
  await transaction
    .insert(executions)
    .values({ requestId, attempt, status: "claimed", at, executeBy, ...scope, ...under });
  const stream = `execution:${requestId}` as const;
  const data = { attempt, executeBy, ...scope, ...under };
  await appendEvents(transaction, [
    { stream, seq: 0, part: 0, requestId, at, type: "execution.claimed", by: null, reasons: [], data },
  ]);
}

async function keepOutcome(
  transaction: Transaction,
  requestId: string,
  attempt: number,
  report: ExecutionReport,
  at: Instant,
): Promise<void> {
  await transaction.insert(outcomes).values({ requestId, attempt, status: report.status, report, at });
  const stream = `execution:${requestId}` as const;
  const type = `execution.${report.status}`;
  const reasons = [{ code: report.code, rule: null, note: report.detail }];
  const data = { attempt, result: report.result, startedAt: report.startedAt, endedAt: report.endedAt };
  await appendEvents(transaction, [{ stream, seq: 1, part: 0, requestId, at, type, by: null, reasons, data }]);
}
