import { WithStartWorkflowOperation } from "@temporalio/client";
import { TypedSearchAttributes } from "@temporalio/common";
import type { Configuration } from "../config/configuration.ts";
import { CountersignError } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import type { Digest, Signed, Submission } from "../core/request.ts";
import { SEARCH_ATTRIBUTES } from "../core/search-attributes.ts";
import {
  EVALUATED_UPDATE_ID,
  type EvaluatedAnswer,
  evaluatedUpdate,
  type PrivilegedAction,
  TASK_QUEUE,
  WORKFLOW_TYPE,
} from "../workflows/messages.ts";
import type { ApiContext } from "./context.ts";
import { summaryOf } from "./summary.ts";
import { assertReachable, isStuck, mayHaveArrived, startedWith, within } from "./temporal.ts";

/** `evaluating`: the workflow exists, and will answer when its worker gets to it. */
export type Started = { kind: "evaluated"; answer: EvaluatedAnswer } | { kind: "evaluating"; digest: Digest };

/**
 * Starts the workflow and waits for its evaluation in one round trip. The same call attaches to a
 * running and to an ended request, also with other arguments: the caller compares the digest.
 */
export async function startWorkflow(
  context: ApiContext,
  signed: Signed<Submission>,
  environment: string,
  configuration: Configuration,
): Promise<Started> {
  await assertReachable(context, "Nothing was stored; repeat the call with the same Idempotency-Key.");
  const { requestId } = signed.content;
  const startWorkflowOperation = operation(signed, environment, configuration);
  // The handle's promise is not used, and its rejection must not be an unhandled one.
  startWorkflowOperation.workflowHandle().catch(() => {});
  try {
    const answer = await within(context, LIMITS.evaluatedWaitSeconds, () =>
      context.temporal.workflow.executeUpdateWithStart(evaluatedUpdate, {
        updateId: EVALUATED_UPDATE_ID,
        startWorkflowOperation,
      }),
    );
    return { kind: "evaluated", answer };
  } catch (error) {
    if (!mayHaveArrived(error) && !isStuck(error)) throw error;
    return await afterSilence(context, requestId, error);
  }
}

function operation(signed: Signed<Submission>, environment: string, configuration: Configuration) {
  const { requestId, action, requester } = signed.content;
  const { CountersignStatus, ActionType, AgentId, Target, Environment } = SEARCH_ATTRIBUTES;
  return new WithStartWorkflowOperation<PrivilegedAction>(WORKFLOW_TYPE, {
    workflowId: requestId,
    taskQueue: TASK_QUEUE,
    args: [signed],
    workflowIdConflictPolicy: "USE_EXISTING",
    workflowIdReusePolicy: "REJECT_DUPLICATE",
    workflowTaskTimeout: `${LIMITS.workflowTaskSeconds}s`,
    typedSearchAttributes: new TypedSearchAttributes([
      { key: CountersignStatus, value: "evaluating" },
      { key: ActionType, value: action.type },
      { key: AgentId, value: requester },
      { key: Target, value: action.target },
      { key: Environment, value: environment },
    ]),
    ...summaryOf(signed.content, environment, configuration),
  });
}

/** No answer in time: was it started, and for what? Only what Temporal holds can tell. */
async function afterSilence(context: ApiContext, requestId: string, cause: unknown): Promise<Started> {
  const submission = await startedWith(context, requestId);
  if (submission !== null) return { kind: "evaluating", digest: submission.digest };
  throw new CountersignError("TEMPORAL_UNAVAILABLE", "Repeat the call with the same Idempotency-Key.", { cause });
}
