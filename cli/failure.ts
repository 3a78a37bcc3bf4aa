import { ApiError, NotReachable } from "../client/errors.ts";
import { CountersignError } from "../core/errors.ts";
import { isReasonCode, REASON_CODES } from "../core/reason-codes.ts";
import { literal } from "../privacy/literal.ts";
import { CommandFailure, EXIT_CODES, type ExitCode, usage } from "./exit-codes.ts";
import { remark, sayJson, styled } from "./terminal.ts";

/** Says what went wrong in one sentence, with its code and the next step; returns the exit code. */
export function explainFailure(error: unknown, json: boolean): number {
  const failure = failureOf(error);
  if (json) {
    sayJson({ error: { code: failure.code, sentence: failure.message, next: failure.next, lines: failure.lines } });
  } else {
    remark(`${styled("red", failure.code, process.stderr)}: ${failure.message}`);
    for (const line of failure.lines) remark(`  ${line}`);
    if (failure.next) remark(failure.next);
  }
  return EXIT_CODES[failure.exit].code;
}

export function failureOf(error: unknown): CommandFailure {
  if (error instanceof CommandFailure) return error;
  if (error instanceof NotReachable) {
    const sentence = `No answer came. ${error.message}`;
    return new CommandFailure("notReachable", error.code, sentence, {
      next: "Is it running? `countersign doctor` looks.",
    });
  }
  if (error instanceof ApiError) return apiFailure(error);
  if (error instanceof CountersignError) return ownFailure(error);
  const system = systemFailure(error);
  if (system) return system;
  const sentence = error instanceof Error ? error.message : String(error);
  return new CommandFailure("refused", "INTERNAL", literal(sentence));
}

function apiFailure(error: ApiError): CommandFailure {
  const sentence = literal(error.message.replace(/^[A-Z_]+: /, ""));
  const step = nextStep(error.code);
  // The API's own detail often says it already.
  const next = step !== null && sentence.includes(step) ? null : step;
  const place = error.pointer ? [`at ${literal(error.pointer)}`] : [];
  return new CommandFailure(exitOf(error), error.code, sentence, {
    ...(next === null ? {} : { next }),
    lines: place,
  });
}

function exitOf(error: ApiError): ExitCode {
  return error.status === 503 || error.status === 502 || error.status === 504 ? "notReachable" : "refused";
}

/** What a person can do about the codes they meet most; reviews' refusals bring their own. */
function nextStep(code: string): string | null {
  if (isReasonCode(code)) return REASON_CODES[code].next ?? null;
  switch (code) {
    case "UNAUTHENTICATED":
    case "CREDENTIAL_REVOKED":
    case "CREDENTIAL_EXPIRED":
      return "Ask an operator for a new token: `countersign credential create`.";
    case "FORBIDDEN":
      return "Use a token of somebody who may do this.";
    case "NOT_FOUND":
      return "`countersign list` shows what you may see.";
    case "IDEMPOTENCY_CONFLICT":
      return "Use a new --key for another action.";
    case "NOT_CONFIGURED":
      return "Apply a configuration first: `countersign apply`.";
    default:
      return null;
  }
}

function ownFailure(error: CountersignError): CommandFailure {
  const unreachable = error.status === 503;
  const lines = error.findings.map(({ file, line, column, pointer, message }) => {
    const place = [file, line, column].filter((part) => part !== null).join(":") || pointer;
    return place ? `${place} ${message}` : message;
  });
  return new CommandFailure(
    unreachable ? "notReachable" : "refused",
    error.code,
    error.message.replace(/^[A-Z_]+: /, ""),
    {
      lines,
    },
  );
}

/** The database or a file, as Node names what happened. */
function systemFailure(error: unknown): CommandFailure | null {
  const code = error instanceof Error && "code" in error ? String(error.code) : null;
  switch (code) {
    case "ECONNREFUSED":
    case "ENOTFOUND":
    case "ETIMEDOUT":
    case "ECONNRESET":
    case "CONNECT_TIMEOUT":
      return new CommandFailure("notReachable", "DATABASE_UNAVAILABLE", "The database does not answer.", {
        next: "Check COUNTERSIGN_DATABASE_URL; `countersign doctor` looks further.",
      });
    case "ENOENT":
    case "EACCES":
    case "EISDIR":
      return usage(`A file cannot be read: ${(error as NodeJS.ErrnoException).path ?? "unknown"} (${code}).`);
    case "28P01":
    case "28000":
      return new CommandFailure("refused", "UNAUTHENTICATED", "The database refused the role or its password.", {
        next: "Check COUNTERSIGN_DATABASE_URL.",
      });
    case "42P01":
      return new CommandFailure("refused", "NOT_CONFIGURED", "The database has no Countersign tables yet.", {
        next: "Run `countersign migrate` as the migrator.",
      });
    default:
      return null;
  }
}
