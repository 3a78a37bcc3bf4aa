import { Context } from "@temporalio/activity";
import { type ActionDefinition, ActionFailure } from "../actions/action.ts";
import { executorOf } from "../actions/registry.ts";
import { targetOf } from "../config/configuration.ts";
import type { ExecutionReport, GateRefusal } from "../core/deliberation-types.ts";
import { CountersignError } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import { OPERATORS } from "../core/principal.ts";
import type { Json, Signed, Submission } from "../core/request.ts";
import { claim, executionOf, writeOutcome } from "../db/claim.ts";
import { gateMaterial } from "../db/gate-material.ts";
import type { ExecutionRow, FreezeOrder } from "../db/types.ts";
import { redactText } from "../privacy/redact-text.ts";
import type { ExecutorContext, InForce } from "./context.ts";
import { gate } from "./gate.ts";
import { standingOf } from "./standing.ts";
import type { Executed, ExecutorActivities } from "./types.ts";

/** Gate, claim, run; the outcome is written before Temporal is answered. Carries no arguments. */
export function createExecute(context: ExecutorContext): Pick<ExecutorActivities, "execute"> {
  return {
    async execute({ requestId, attempt }) {
      const { cancellationSignal: signal } = Context.current();
      const inForce = await context.inForce();
      const material = await gateMaterial(context.db, requestId);
      if (material === null) return refused("denied", "EXEC_INTEGRITY", "there is no such request in the record");
      const before = whatIsKnown(material.execution, attempt, material.submission.content);
      if (before !== null && before !== "again") return before;

      const answer = await gate(context, inForce, material, signal);
      if (!answer.open) return { kind: "refused", refusal: answer.refusal, description: answer.description };
      if (before === null) {
        const { submission, executeBy, judgement } = answer;
        const { requester: agent, action } = submission;
        const claiming = {
          ...{ requestId, attempt, executeBy, now: context.now() },
          scope: { agent, actionType: action.type, target: action.target },
          policyDigest: judgement.evaluation.policyDigest,
          configurationVersion: inForce.configuration.version,
        };
        const claimed = await claim(context.db, claiming, (lift) => liftHolds(context, inForce, lift));
        if (!claimed.claimed) return claimRefused(context, requestId, attempt, claimed.code);
      }
      const report = await run(context, inForce, answer.submission, signal);
      const standing = await writeUntilItStands(context, requestId, attempt, report);
      return { kind: "ended", report: standing };
    },
  };
}

/** A freeze counts whoever wrote it, because it only stops; its lift has to be signed by whom we trust. */
async function liftHolds(
  context: ExecutorContext,
  { configuration }: InForce,
  lift: Signed<FreezeOrder>,
): Promise<boolean> {
  try {
    await context.verifier(configuration).verify("freeze", lift);
  } catch (error) {
    if (error instanceof CountersignError) return false;
    throw error;
  }
  const standing = standingOf(configuration, lift.content.by);
  return standing.ok && standing.groups.includes(OPERATORS);
}

/** A retry finds what an earlier try left: an outcome is returned, a claim without one is unknown. */
function whatIsKnown(row: ExecutionRow | null, attempt: number, { action }: Submission): Executed | "again" | null {
  if (row === null) return null;
  if (row.status === "never") return row.attempt >= attempt ? refused("denied", "EXEC_NEVER", null) : null;
  if (row.report !== null) return { kind: "ended", report: row.report };
  if (executorOf(action.type)?.idempotent && row.attempt === attempt) return "again";
  return { kind: "ended", report: unknown(row.claimedAt) };
}

async function claimRefused(
  context: ExecutorContext,
  requestId: string,
  attempt: number,
  code: "ADMIN_FROZEN" | "TIME_NOT_STARTED" | "EXEC_NEVER" | "EXEC_ALREADY_CLAIMED",
): Promise<Executed> {
  if (code === "TIME_NOT_STARTED") return refused("expired", code, null);
  if (code !== "EXEC_ALREADY_CLAIMED") return refused("denied", code, null);
  const row = await executionOf(context.db, requestId);
  const known = row?.status === "claimed" ? (row.report ?? unknown(row.claimedAt)) : null;
  return known
    ? { kind: "ended", report: known }
    : refused("denied", "EXEC_NEVER", `attempt ${attempt} lost its claim`);
}

async function run(
  context: ExecutorContext,
  { configuration }: InForce,
  { action, requestId }: Submission,
  signal: AbortSignal,
): Promise<ExecutionReport> {
  const startedAt = context.now();
  const ended = (status: "succeeded" | "failed", code: string, detail: string | null, result: Json) => ({
    ...{ status, code, detail, result, startedAt, endedAt: context.now() },
  });
  const target = targetOf(configuration, action.target);
  const executor = executorOf(action.type) as ActionDefinition | null;
  if (target === null || executor === null) return ended("failed", "EXEC_FAILED", "the target is gone", null);
  const beat = setInterval(() => Context.current().heartbeat(), LIMITS.heartbeatEverySeconds * 1_000);
  try {
    const { secret, exportsDirectory } = context;
    const heartbeat = (progress: Json) => Context.current().heartbeat(progress);
    const handed = { target, secret, exportsDirectory, requestId, idempotencyKey: requestId, signal, heartbeat };
    const result = await executor.execute(action.arguments, handed);
    const size = JSON.stringify(result).length;
    if (size <= LIMITS.resultBytes) return ended("succeeded", "EXEC_SUCCEEDED", null, result);
    return ended("succeeded", "EXEC_SUCCEEDED", `the result of ${size} bytes is too long to be shown`, null);
  } catch (error) {
    if (signal.aborted) return ended("failed", "EXEC_STOPPED", "stopped before it had published anything", null);
    const code = error instanceof ActionFailure ? error.code : "EXEC_FAILED";
    return ended("failed", code, sentence(error), null);
  } finally {
    clearInterval(beat);
  }
}

/** The action has run: what it did must not be lost because our database is away for a minute. */
async function writeUntilItStands(
  context: ExecutorContext,
  requestId: string,
  attempt: number,
  report: ExecutionReport,
): Promise<ExecutionReport> {
  for (let tries = 1; ; tries++) {
    try {
      return await writeOutcome(context.db, requestId, attempt, report);
    } catch (error) {
      if (tries >= LIMITS.outcomeWriteTries) throw error;
      context.log.warn({ requestId, tries }, "the outcome could not be written; trying again");
      Context.current().heartbeat();
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
  }
}

function sentence(error: unknown): string {
  const text =
    error instanceof CountersignError ? error.detail : error instanceof Error ? error.message : String(error);
  return redactText(text).slice(0, LIMITS.noteChars);
}

function unknown(claimedAt: number): ExecutionReport {
  const detail = "it started, and the process that ran it did not report its end";
  return { status: "unknown", code: "EXEC_UNKNOWN", detail, result: null, startedAt: claimedAt, endedAt: null };
}

function refused(disposition: GateRefusal["disposition"], code: string, detail: string | null): Executed {
  const none = { reasons: [], evaluation: null, factsDigest: null, voidReviewsBefore: false, roster: [] };
  return { kind: "refused", refusal: { disposition, code, detail, ...none }, description: null };
}
