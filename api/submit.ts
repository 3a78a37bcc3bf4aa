import { CountersignError, ERRORS, type ErrorCode } from "../core/errors.ts";
import type { Digest, Submission } from "../core/request.ts";
import { actionDigest, requestIdOf } from "../crypto/digest.ts";
import { requestById } from "../db/read/requests.ts";
import type { EvaluatedAnswer } from "../workflows/messages.ts";
import { actionOf } from "./action.ts";
import type { AgentIdentity } from "./auth/identity.ts";
import type { ApiContext } from "./context.ts";
import type { SubmitBody } from "./contract/submit.ts";
import { Refusal } from "./problem.ts";
import { startWorkflow } from "./start-workflow.ts";

/**
 * One ask, made durable. The same key with the same action is the same request, however often and
 * wherever it is asked; with another action it is IDEMPOTENCY_CONFLICT. Returns the request's id.
 */
export async function submit(
  context: ApiContext,
  identity: AgentIdentity,
  body: SubmitBody,
  key: string,
): Promise<string> {
  const { configuration } = await context.configuration.inForce();
  const { action, target } = actionOf(body, identity, configuration);
  const digest = actionDigest(action);
  const requestId = requestIdOf(identity.id, key);
  const known = await requestById(context.database, requestId);
  if (known !== null) {
    assertSame(known.submission.digest, digest);
    return requestId;
  }
  const submission: Submission = {
    version: 1,
    requestId,
    requester: identity.id,
    onBehalfOf: identity.onBehalfOf,
    action,
    digest,
    justification: body.justification ?? null,
    run: body.run ?? null,
    credentialId: identity.credentialId,
    submittedAt: context.clock(),
  };
  const signed = await context.signer.sign("submission", submission);
  const started = await startWorkflow(context, signed, target.environment, configuration);
  assertSame(started.kind === "evaluated" ? started.answer.digest : started.digest, digest);
  if (started.kind === "evaluated") assertAdmitted(started.answer);
  return requestId;
}

function assertSame(recorded: Digest, asked: Digest): void {
  if (recorded === asked) return;
  throw new CountersignError("IDEMPOTENCY_CONFLICT", "Use a new key for a new action.", {
    pointer: "Idempotency-Key",
  });
}

/** The workflow's own check of the submission said no; nothing was recorded. */
function assertAdmitted(answer: EvaluatedAnswer): void {
  if (answer.outcome !== "refused") return;
  const code = answer.reasons[0]?.code ?? "FORBIDDEN";
  if (isErrorCode(code)) throw new CountersignError(code, "The workflow did not admit the submission.");
  throw new Refusal(code);
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}
