/**
 * Everything that can be wrong with a call, once: code, HTTP status, sentence.
 * docs/ERRORS.md is generated from this table. Refusals of a review are reason codes
 * (reason-codes.ts) and travel in the same problem+json form.
 */
const table = {
  MALFORMED: { status: 400, sentence: "The body is not what this call expects." },
  ARGUMENTS_INVALID: { status: 422, sentence: "The arguments do not fit the action." },
  ACTION_UNKNOWN: { status: 422, sentence: "There is no action of this type." },
  TARGET_UNKNOWN: { status: 422, sentence: "There is no target of this name for this action." },
  BODY_TOO_LARGE: { status: 413, sentence: "The body is larger than this call accepts." },
  MEDIA_TYPE_UNSUPPORTED: { status: 415, sentence: "This call takes application/json." },
  KEY_REQUIRED: { status: 400, sentence: "The Idempotency-Key header is missing or malformed." },
  IDEMPOTENCY_CONFLICT: { status: 409, sentence: "This key was used before for another action." },
  UNAUTHENTICATED: { status: 401, sentence: "No valid credential came with the call." },
  CREDENTIAL_REVOKED: { status: 401, sentence: "The credential was revoked." },
  CREDENTIAL_EXPIRED: { status: 401, sentence: "The credential has expired." },
  FORBIDDEN: { status: 403, sentence: "This credential may not do this." },
  SIGN_IN_REFUSED: { status: 403, sentence: "This sign-in was used before, has expired or is not one we gave out." },
  CSRF: { status: 403, sentence: "The form is not one this page gave out. Load the page again." },
  NOT_FOUND: { status: 404, sentence: "There is nothing here, or it is not for you to see." },
  METHOD_NOT_ALLOWED: { status: 405, sentence: "This address does not take this method." },
  NOT_UNKNOWN: { status: 409, sentence: "Only an execution whose end is unknown can be resolved." },
  RATE_LIMITED: { status: 429, sentence: "Too many calls; wait and try again." },
  INTERNAL: { status: 500, sentence: "Something went wrong on our side; nothing was approved by it." },
  TEMPORAL_UNAVAILABLE: {
    status: 503,
    sentence: "The workflow engine does not answer. Nothing was recorded; try again.",
  },
  DATABASE_UNAVAILABLE: { status: 503, sentence: "The database does not answer. Try again." },
  MIGRATION_CHANGED: { status: 500, sentence: "The database and this program disagree about applied migrations." },
  OVERLOADED: { status: 503, sentence: "The server has more to do than it can; try again in a moment." },
  NOT_CONFIGURED: { status: 503, sentence: "No configuration has been applied yet." },

  SIGNATURE_INVALID: { status: 403, sentence: "A signature does not hold." },
  KEY_UNKNOWN: { status: 403, sentence: "A signature names a key that is not trusted for this." },
  KEY_REVOKED: { status: 403, sentence: "A signature was made with a revoked key." },
  CONFIGURATION_INVALID: { status: 422, sentence: "The configuration has errors." },
  POLICY_INVALID: { status: 422, sentence: "The policy has errors." },
  HISTORY_FORKED: { status: 500, sentence: "The record holds an event this history cannot follow; nothing executes." },
  STATEMENT_REFUSED: { status: 422, sentence: "The statement is not one this action runs." },
  TARGET_UNREACHABLE: { status: 503, sentence: "The target does not answer." },
  PAYLOAD_KEY_MISSING: { status: 500, sentence: "A payload was encrypted with a key that is not in the keyring." },
} as const satisfies Record<string, { status: number; sentence: string }>;

export type ErrorCode = keyof typeof table;
export const ERRORS: Readonly<Record<ErrorCode, { status: number; sentence: string }>> = table;

/** One place in the input, and what is wrong there. Lines and columns count from 1. */
export type Finding = {
  message: string;
  /** JSON pointer into the input. */
  pointer: string | null;
  file: string | null;
  line: number | null;
  column: number | null;
};

export class CountersignError extends Error {
  override readonly name = "CountersignError";
  readonly code: ErrorCode;
  /** What exactly, for the one who can mend it; never a secret, never agent text unescaped. */
  readonly detail: string;
  readonly pointer: string | null;
  readonly findings: Finding[];

  constructor(code: ErrorCode, detail: string, more: { pointer?: string; findings?: Finding[]; cause?: unknown } = {}) {
    super(`${code}: ${ERRORS[code].sentence} ${detail}`, { cause: more.cause });
    this.code = code;
    this.detail = detail;
    this.pointer = more.pointer ?? null;
    this.findings = more.findings ?? [];
  }

  get status(): number {
    return ERRORS[this.code].status;
  }
}
