import type { FastifyReply, FastifyRequest } from "fastify";
import { hasZodFastifySchemaValidationErrors } from "fastify-type-provider-zod";
import { CountersignError, ERRORS, type ErrorCode, type Finding } from "../core/errors.ts";
import { isReasonCode, REASON_CODES, sentenceOf } from "../core/reason-codes.ts";
import type { ApiContext } from "./context.ts";
import type { Problem } from "./contract/problem.ts";
import { validationError } from "./validation.ts";

/** A message the workflow did not record; the code is one of the reason codes. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/** The one place where an error becomes an answer. What it does not know is INTERNAL, and only the log says more. */
export function answerError(context: ApiContext, error: unknown, req: FastifyRequest, reply: FastifyReply): void {
  const problem = problemFor(context, error, req);
  if (problem.retryAfterSeconds !== undefined) reply.header("retry-after", problem.retryAfterSeconds);
  if (problem.status === 401) reply.header("www-authenticate", 'Bearer realm="countersign"');
  // A string, so that no response schema stands between the error and the caller.
  reply.code(problem.status).type("application/problem+json").send(JSON.stringify(problem));
}

/** The same for a page, which says it in its own form. */
export function problemFor(context: ApiContext, error: unknown, req: FastifyRequest): Problem {
  const known = errorFrom(error);
  if (known.code === "INTERNAL") req.log.error({ err: error }, "call failed");
  return problemOf(known, context.settings.publicUrl, req.id);
}

export function problemOf(error: CountersignError | Refusal, publicUrl: string, callId: string): Problem {
  const problem: Problem = {
    type: `${publicUrl}/v1/problems/${error.code}`,
    ...(error instanceof Refusal ? refusal(error.code) : failure(error)),
    callId,
  };
  const retryAfterSeconds = RETRY_AFTER[error.code];
  return retryAfterSeconds === undefined ? problem : { ...problem, retryAfterSeconds };
}

type Explained = Omit<Problem, "type" | "callId">;

function refusal(code: string): Explained {
  const row = isReasonCode(code) ? REASON_CODES[code] : null;
  return {
    title: sentenceOf(code),
    status: row?.status ?? 409,
    code,
    detail: row?.next ?? "The answer was not recorded.",
  };
}

function failure(error: CountersignError): Explained {
  const { status, sentence } = ERRORS[error.code];
  const explained: Explained = { title: sentence, status, code: error.code, detail: error.detail };
  if (error.pointer !== null) explained.pointer = error.pointer;
  if (error.findings.length > 1) explained.findings = error.findings.map(onTheWire);
  return explained;
}

function onTheWire({ message, pointer }: Finding): { message: string; pointer: string | null } {
  return { message, pointer };
}

/** After how many seconds trying again makes sense. */
const RETRY_AFTER: { [code: string]: number } = {
  TEMPORAL_UNAVAILABLE: 2,
  DATABASE_UNAVAILABLE: 2,
  OVERLOADED: 2,
  NOT_CONFIGURED: 5,
  RATE_LIMITED: 30,
  REVIEW_BUSY: 2,
};

function errorFrom(error: unknown): CountersignError | Refusal {
  if (error instanceof CountersignError || error instanceof Refusal) return error;
  if (hasZodFastifySchemaValidationErrors(error)) return validationError(error);
  const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
  const [known, detail] = FRAMEWORK[code] ?? byStatus(error);
  return new CountersignError(known, detail, { cause: error });
}

const FRAMEWORK: { [code: string]: [ErrorCode, string] } = {
  FST_ERR_CTP_BODY_TOO_LARGE: ["BODY_TOO_LARGE", "Send less."],
  FST_ERR_CTP_INVALID_JSON_BODY: ["MALFORMED", "The body is not valid JSON."],
  FST_ERR_CTP_EMPTY_JSON_BODY: ["MALFORMED", "The body is empty; send a JSON object."],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ["MALFORMED", "The body is not as long as Content-Length says."],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ["MEDIA_TYPE_UNSUPPORTED", "Set Content-Type to application/json."],
  FST_ERR_BAD_URL: ["MALFORMED", "The address cannot be decoded."],
  FST_ERR_MAX_PARAM_LENGTH: ["NOT_FOUND", ""],
  FST_UNDER_PRESSURE: ["OVERLOADED", ""],
};

function byStatus(error: unknown): [ErrorCode, string] {
  const status = typeof error === "object" && error !== null && "statusCode" in error ? error.statusCode : 500;
  if (status === 429) return ["RATE_LIMITED", ""];
  if (status === 404) return ["NOT_FOUND", ""];
  // The parser's message may quote the body, so only its kind is told.
  if (status === 400) return ["MALFORMED", "The call cannot be read."];
  return ["INTERNAL", "The log of the server has it under the callId."];
}
