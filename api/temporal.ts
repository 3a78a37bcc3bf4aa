import {
  isGrpcDeadlineError,
  isGrpcServiceError,
  ServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from "@temporalio/client";
import type { Payload } from "@temporalio/common";
import { decodeArrayFromPayloads } from "@temporalio/common/lib/internal-non-workflow/index.js";
import { CountersignError } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import type { Signed, Submission } from "../core/request.ts";
import { WORKFLOW_TYPE } from "../workflows/messages.ts";
import type { ApiContext } from "./context.ts";

/**
 * Asked before anything is sent: when this fails, it is certain that nothing was recorded,
 * and only then may an answer say so.
 */
export async function assertReachable(context: ApiContext, sentence: string): Promise<void> {
  try {
    await pingTemporal(context);
  } catch (cause) {
    throw new CountersignError("TEMPORAL_UNAVAILABLE", sentence, { cause });
  }
}

export async function pingTemporal(context: ApiContext, seconds: number = LIMITS.signalSeconds): Promise<void> {
  const { workflowService, options } = context.temporal;
  await within(context, seconds, () => workflowService.describeNamespace({ namespace: options.namespace }));
}

/** gRPC deadlines are of the machine's clock, whatever clock the context was given. */
export function within<T>(context: ApiContext, seconds: number, call: () => Promise<T>): Promise<T> {
  return context.temporal.withDeadline(Date.now() + seconds * 1000, call);
}

/** The call was on its way when its time was up or the connection broke: it may have arrived. */
export function mayHaveArrived(error: unknown): boolean {
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError || isGrpcDeadlineError(error)) return true;
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) && LOST.has(cause.code);
}

/** The workflow's worker fails again and again, say for want of a key; until it does not, no update is taken. */
export function isStuck(error: unknown): boolean {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) && cause.code === FAILED_PRECONDITION;
}

const FAILED_PRECONDITION = 9;

/** CANCELLED, UNKNOWN, DEADLINE_EXCEEDED, INTERNAL, UNAVAILABLE of grpc's status codes. */
const LOST = new Set([1, 2, 4, 13, 14]);

/**
 * The submission a workflow was started with, for the time before it is recorded. Read from the first
 * event; only one of our own signature counts, because whoever reaches Temporal can start workflows.
 */
export async function startedWith(context: ApiContext, requestId: string): Promise<Submission | null> {
  const signed = await firstArgument(context, requestId);
  if (signed?.content?.requestId !== requestId) return null;
  try {
    await context.verifier.verify("submission", signed);
  } catch (error) {
    if (error instanceof CountersignError) return null;
    throw error;
  }
  return signed.content;
}

async function firstArgument(context: ApiContext, requestId: string): Promise<Signed<Submission> | null> {
  const { workflowService, options } = context.temporal;
  try {
    const { history } = await within(context, LIMITS.signalSeconds, () =>
      workflowService.getWorkflowExecutionHistory({
        namespace: options.namespace,
        execution: { workflowId: requestId },
        maximumPageSize: 1,
      }),
    );
    const started = history?.events?.[0]?.workflowExecutionStartedEventAttributes;
    if (started?.workflowType?.name !== WORKFLOW_TYPE) return null;
    return await argumentOf(options.loadedDataConverter, started.input?.payloads);
  } catch (error) {
    if (isNotFound(error)) return null;
    if (error instanceof CountersignError) throw error;
    throw new CountersignError("TEMPORAL_UNAVAILABLE", "", { cause: error });
  }
}

/** What none of ours wrote is nobody's submission; what one of our keys wrote that is missing here may be. */
async function argumentOf(converter: Converter, payloads: Payload[] | null | undefined) {
  try {
    const [argument] = await decodeArrayFromPayloads(converter, payloads);
    return (argument as Signed<Submission> | undefined) ?? null;
  } catch (error) {
    if (error instanceof CountersignError && error.code === "PAYLOAD_KEY_MISSING") throw error;
    return null;
  }
}

type Converter = Parameters<typeof decodeArrayFromPayloads>[0];

function isNotFound(error: unknown): boolean {
  return error instanceof WorkflowNotFoundError || (isGrpcServiceError(error) && error.code === 5);
}
