/**
 * For trusted programs that are already on Temporal: start the workflow themselves, signed with
 * their own registered key. They use the namespace's payload codec, so they can read what is in it;
 * agents that should not read other people's requests use the HTTP client.
 *
 * Peer dependency: `@temporalio/client`.
 */
import {
  type Client,
  type DataConverter,
  WithStartWorkflowOperation,
  WorkflowExecutionAlreadyStartedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from "@temporalio/client";
import { ERRORS, type ErrorCode } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import type { AgentId } from "../core/principal.ts";
import type { Digest, Json, Signed, Submission } from "../core/request.ts";
import { actionDigest, requestIdOf } from "../crypto/digest.ts";
import { loadKeyring } from "../crypto/keyring.ts";
import { createPayloadCodec } from "../crypto/payload-codec.ts";
import { createSigner, type PrivateJwk } from "../crypto/signature.ts";
import type { Signer } from "../crypto/types.ts";
import {
  EVALUATED_UPDATE_ID,
  type EvaluatedAnswer,
  evaluatedUpdate,
  type PrivilegedAction,
  type Result,
  TASK_QUEUE,
  WORKFLOW_TYPE,
} from "../workflows/messages.ts";
import type { ActionType, ArgumentsOf } from "./actions.ts";
import {
  ApiError,
  ApprovalDenied,
  type ApprovalError,
  ApprovalExpired,
  ApprovalFailed,
  ApprovalUnknown,
  ApprovalWithdrawn,
  type Why,
} from "./errors.ts";

export {
  ApiError,
  ApprovalDenied,
  ApprovalError,
  ApprovalExpired,
  ApprovalFailed,
  ApprovalUnknown,
  ApprovalWithdrawn,
} from "./errors.ts";
export type { EvaluatedAnswer, PrivateJwk, Signer };
export { createSigner };

export type PrivilegedActionOptions<Type extends ActionType> = {
  /** Name of a configured target. */
  target: string;
  /** Checked by the action's own schema when the workflow is admitted; exactly these will run. */
  arguments: ArgumentsOf<Type>;
  /** Idempotency key, as over HTTP: the same agent and key are the same request for ever. */
  key: string;
  /** Which agent asks; its registered key (`agents[].keys` of countersign.yaml) has to be the signer's. */
  agent: AgentId;
  /** `createSigner(privateJwk)`: Ed25519, `kid` = the registered key id. The private key never leaves this process. */
  signer: Signer;
  /** Why; people read it and policies may demand it. At most 2,000 characters. */
  justification?: string;
  /** The program's own run id, a hint for people. */
  run?: string;
  /** Seconds to wait for the evaluation; the workflow exists when they are over. Default 10. */
  evaluatedWithinSeconds?: number;
};

export type StartedAction = {
  /** `req_…`: also the workflow id. */
  requestId: string;
  /** Names exactly what was asked for. */
  digest: Digest;
  /** The policy's answer; null when it was not there in time. */
  evaluated: EvaluatedAnswer | null;
  /**
   * Waits for the end: minutes or weeks, across restarts (start again with the same key).
   *
   * @throws {ApprovalDenied | ApprovalExpired | ApprovalWithdrawn | ApprovalFailed | ApprovalUnknown} how it ended.
   */
  result(): Promise<{ requestId: string; digest: Digest; result: Json }>;
};

/**
 * Starts `privilegedAction`, or attaches to the one that this agent started with this key before.
 *
 * @throws {ApiError} `IDEMPOTENCY_CONFLICT`: the key was used for another action; `KEY_UNKNOWN`, `SIGNATURE_INVALID`,
 * `ARGUMENTS_INVALID`, …: the submission was refused when the workflow read it, and its key stays used.
 */
export async function startPrivilegedAction<Type extends ActionType>(
  client: Client,
  action: Type,
  options: PrivilegedActionOptions<Type>,
): Promise<StartedAction> {
  const submission = submissionOf(action, options);
  const { requestId, digest } = submission;
  const signed = await options.signer.sign("submission", submission);
  const evaluated = await evaluation(client, signed, options.evaluatedWithinSeconds ?? 10);
  // Attaching answers for the first submission, whatever this one says; the digest tells them apart.
  if (evaluated?.outcome === "refused") throw refused(evaluated);
  if (evaluated && evaluated.digest !== digest) throw conflict(requestId);
  return {
    requestId,
    digest,
    evaluated,
    result: async () => {
      const ended: Result = await client.workflow.getHandle<PrivilegedAction>(requestId).result();
      if (ended.digest !== digest) throw conflict(requestId);
      const { outcome } = ended;
      if (outcome.status === "succeeded") return { requestId, digest, result: outcome.report?.result ?? null };
      throw errorOf(ended);
    },
  };
}

/** `dataConverter` of the Temporal client: payloads travel encrypted, with the deployment's own keyring. */
export function encryptedPayloads(keyringFile: string): DataConverter {
  return { payloadCodecs: [createPayloadCodec(loadKeyring(keyringFile))] };
}

function submissionOf<Type extends ActionType>(action: Type, options: PrivilegedActionOptions<Type>): Submission {
  // Through JSON, so that what is signed is what will arrive: no undefined, no Date, no prototype.
  const { target, arguments: given } = options;
  const plain = JSON.parse(JSON.stringify({ type: action, target, arguments: given })) as Submission["action"];
  return {
    version: 1,
    requestId: requestIdOf(options.agent, options.key),
    requester: options.agent,
    onBehalfOf: null,
    action: plain,
    digest: actionDigest(plain),
    justification: options.justification ?? null,
    run: options.run ?? null,
    credentialId: options.signer.keyId,
    submittedAt: Date.now(),
  };
}

/** Start and the update `evaluated` in one round trip; the same call attaches to a running and to a closed request. */
async function evaluation(
  client: Client,
  signed: Signed<Submission>,
  withinSeconds: number,
): Promise<EvaluatedAnswer | null> {
  const start = new WithStartWorkflowOperation<PrivilegedAction>(WORKFLOW_TYPE, {
    workflowId: signed.content.requestId,
    taskQueue: TASK_QUEUE,
    args: [signed],
    workflowIdConflictPolicy: "USE_EXISTING",
    workflowIdReusePolicy: "REJECT_DUPLICATE",
    workflowTaskTimeout: `${LIMITS.workflowTaskSeconds}s`,
    staticSummary: `${signed.content.action.type} on ${signed.content.action.target}`,
  });
  try {
    return await client.withDeadline(Date.now() + withinSeconds * 1000, () =>
      client.workflow.executeUpdateWithStart(evaluatedUpdate, {
        startWorkflowOperation: start,
        updateId: EVALUATED_UPDATE_ID,
      }),
    );
  } catch (error) {
    if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) {
      // No worker answered in time. It goes on by itself if the start got through, which only the server knows.
      await client.workflow.getHandle(signed.content.requestId).describe();
      return null;
    }
    // Ended, and was never asked for its evaluation: the result tells the rest.
    if (error instanceof WorkflowExecutionAlreadyStartedError) return null;
    throw error;
  }
}

/** The submission itself was refused, e.g. its key is not registered for this agent; no request came to be. */
function refused(evaluated: EvaluatedAnswer): ApiError {
  const reason = evaluated.reasons[0];
  const code = reason?.code ?? "FORBIDDEN";
  const known = Object.hasOwn(ERRORS, code) ? ERRORS[code as ErrorCode] : null;
  return new ApiError({
    status: known?.status ?? 403,
    code,
    title: known?.sentence ?? "The submission was refused.",
    detail: reason?.note ?? "",
    pointer: null,
    retryAfterSeconds: null,
  });
}

function conflict(requestId: string): ApiError {
  const { status, sentence } = ERRORS.IDEMPOTENCY_CONFLICT;
  const detail = `It belongs to ${requestId}.`;
  const place = { pointer: null, retryAfterSeconds: null };
  return new ApiError({ status, code: "IDEMPOTENCY_CONFLICT", title: sentence, detail, ...place });
}

function errorOf({ requestId, outcome }: Result): ApprovalError {
  const reason = outcome.reasons[0] ?? null;
  const why: Why = {
    requestId,
    reasonCode: reason?.code ?? outcome.report?.code ?? null,
    note: reason?.note ?? outcome.report?.detail ?? null,
    request: null,
  };
  switch (outcome.status) {
    case "denied":
      return new ApprovalDenied(why);
    case "expired":
      return new ApprovalExpired(why);
    case "withdrawn":
      return new ApprovalWithdrawn(why);
    case "failed":
      return new ApprovalFailed(why);
    case "unknown":
    case "succeeded":
      // A success is answered before; an outcome of a newer server is nothing we may call done.
      return new ApprovalUnknown(why);
    default:
      outcome.status satisfies never;
      return new ApprovalUnknown(why);
  }
}
