import { Context } from "@temporalio/activity";
import { executorOf } from "../actions/registry.ts";
import { targetOf } from "../config/configuration.ts";
import { CountersignError } from "../core/errors.ts";
import type { Description } from "../core/evaluation.ts";
import { LIMITS } from "../core/limits.ts";
import type { Submission } from "../core/request.ts";
import { gateMaterial } from "../db/gate-material.ts";
import { submissionProblem } from "./admit.ts";
import { beating } from "./beating.ts";
import type { ExecutorContext, InForce } from "./context.ts";
import type { ExecutorActivities } from "./types.ts";

/** Computes facts and preview under the target's read-only role; what it describes it loads and verifies itself. */
export function createDescribe(context: ExecutorContext): Pick<ExecutorActivities, "describe"> {
  return {
    async describe({ requestId }) {
      const inForce = await context.inForce();
      const material = await gateMaterial(context.db, requestId);
      if (material === null) return { ok: false, code: "POLICY_FACTS_UNAVAILABLE", detail: "no such request" };
      const { configuration } = inForce;
      const problem = await submissionProblem(material.submission, configuration, context.verifier(configuration));
      if (problem !== null) return { ok: false, code: problem.code, detail: problem.detail };
      try {
        const signal = Context.current().cancellationSignal;
        const { content } = material.submission;
        const description = await beating(() => describeAction(context, inForce, content, signal));
        return { ok: true, description };
      } catch (error) {
        // What the target will never accept ends the request; a target that is away is tried again.
        if (error instanceof CountersignError && error.code !== "TARGET_UNREACHABLE") {
          return { ok: false, code: error.code, detail: error.detail };
        }
        throw error;
      }
    },
  };
}

export async function describeAction(
  context: ExecutorContext,
  { configuration }: InForce,
  { action, requestId }: Submission,
  signal: AbortSignal,
): Promise<Description> {
  const target = targetOf(configuration, action.target);
  const executor = executorOf(action.type);
  if (target === null || executor === null) throw new CountersignError("TARGET_UNKNOWN", "the target is gone");
  if (target.environment !== context.environment) {
    throw new CountersignError("TARGET_UNKNOWN", "the target belongs to another environment's executor");
  }
  const { secret, exportsDirectory } = context;
  const description = await executor.describe(action.arguments, {
    ...{ target, secret, exportsDirectory, requestId, idempotencyKey: requestId, signal },
    heartbeat: () => undefined,
  });
  if (JSON.stringify(description).length > LIMITS.factsBytes) {
    throw new CountersignError("STATEMENT_REFUSED", "its facts are larger than a person could read");
  }
  return description;
}
