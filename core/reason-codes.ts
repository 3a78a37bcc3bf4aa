import { REFUSAL_CODES } from "./refusal-codes.ts";

/**
 * The closed catalogue of why. Every transition and every refusal carries one of these.
 * docs/REASON-CODES.md is generated from this table. Organisations add codes of their own
 * with the prefix ORG_ in countersign.yaml.
 */
type Row = {
  sentence: string;
  /** Who may put it there. */
  by: "policy" | "reviewer" | "refusal" | "time" | "gate" | "executor" | "operator";
  noteRequired?: true;
  /** HTTP status when this is the reason a call was refused. */
  status?: number;
  /** One line: what the person can do now. */
  next?: string;
};

const table = {
  POLICY_ALLOWED: { sentence: "An allow rule matched and nothing spoke against it.", by: "policy" },
  POLICY_DENIED: { sentence: "A deny rule matched.", by: "policy" },
  POLICY_REVIEW: { sentence: "A rule asks for people to approve this.", by: "policy" },
  POLICY_UNMATCHED: { sentence: "No rule matched, so the default review applies.", by: "policy" },
  POLICY_NO_POLICY: { sentence: "There is no policy in force, so nothing is allowed.", by: "policy" },
  POLICY_EVAL_ERROR: { sentence: "A condition could not be evaluated; it counts against the action.", by: "policy" },
  POLICY_JUSTIFICATION_REQUIRED: { sentence: "The policy wants a justification and none was given.", by: "policy" },
  POLICY_FACTS_UNAVAILABLE: { sentence: "The facts the policy needs could not be gathered in time.", by: "policy" },
  POLICY_UNANSWERABLE: { sentence: "The rules that matched leave no way for anybody to approve this.", by: "policy" },
  LOW_RISK_READ: { sentence: "A small read of data that carries no label.", by: "policy" },
  BULK_EXPORT: { sentence: "Many rows leave the database at once.", by: "policy" },
  PII_EXPORT: { sentence: "Personal data leaves the database.", by: "policy" },
  DLP_SECRET_EGRESS: { sentence: "Secrets would leave the company.", by: "policy" },
  DLP_EXTERNAL_EGRESS: { sentence: "Data would leave the company.", by: "policy" },
  PRODUCTION_ACCESS: { sentence: "The action touches a production system.", by: "policy" },

  REVIEW_APPROVED: { sentence: "A reviewer approved the action.", by: "reviewer" },
  REVIEW_NOT_JUSTIFIED: { sentence: "The reason given does not justify the action.", by: "reviewer" },
  REVIEW_TOO_BROAD: { sentence: "The action asks for more than it needs.", by: "reviewer" },
  REVIEW_WRONG_TARGET: { sentence: "The action is aimed at the wrong target.", by: "reviewer" },
  REVIEW_UNSAFE: { sentence: "The action is not safe to run.", by: "reviewer" },
  REVIEW_SUSPICIOUS: { sentence: "Something about the request looks wrong.", by: "reviewer", noteRequired: true },
  REVIEW_OTHER: { sentence: "Another reason, given in the note.", by: "reviewer", noteRequired: true },
  REVIEW_RELEASED: { sentence: "An auditor released the hold.", by: "reviewer" },
  REVIEW_REJECTED: { sentence: "An auditor rejected the held request.", by: "reviewer" },
  REVIEW_REQUIREMENT_MET: { sentence: "Everyone who had to approve has approved.", by: "reviewer" },
  REVIEW_WITHDRAWN: { sentence: "The request was withdrawn before it ran.", by: "reviewer" },
  REVIEW_STOPPED: { sentence: "The running action was asked to stop.", by: "reviewer" },
  REVIEW_EXTENDED: { sentence: "The deadline was moved.", by: "reviewer" },

  ...REFUSAL_CODES,

  TIME_EXPIRED: { sentence: "The deadline passed before everyone who had to approve had approved.", by: "time" },
  TIME_QUORUM_IMPOSSIBLE: { sentence: "The deadline passed and not enough people could have approved.", by: "time" },
  TIME_HOLD_EXPIRED: { sentence: "Nobody released the hold in time.", by: "time" },
  TIME_NOT_STARTED: { sentence: "The approval ran out before the action could start.", by: "time" },
  TIME_REMINDED: { sentence: "Those missing were reminded.", by: "time" },
  TIME_ESCALATED: { sentence: "Time passed without an answer, so more people may answer.", by: "time" },
  TIME_ESCALATED_IMPOSSIBLE: { sentence: "Nobody was left who could answer, so more people may answer.", by: "time" },

  EXEC_POLICY_CHANGED: { sentence: "The policy changed before the start and now wants more.", by: "gate" },
  EXEC_PREVIEW_DRIFT: { sentence: "What would happen has changed since it was approved.", by: "gate" },
  EXEC_NOT_APPROVED: { sentence: "The signed answers do not add up to an approval.", by: "gate" },
  EXEC_INTEGRITY: { sentence: "A signature or digest did not hold; nothing ran.", by: "gate" },
  EXEC_NEVER: { sentence: "This attempt was settled as never started.", by: "gate" },
  EXEC_ALREADY_CLAIMED: { sentence: "Another attempt has already started this action.", by: "gate" },
  EXEC_ROUNDS_EXHAUSTED: { sentence: "The gate sent the request back too often.", by: "gate" },
  EXEC_SUCCEEDED: { sentence: "The action ran and succeeded.", by: "executor" },
  EXEC_FAILED: { sentence: "The action ran and failed.", by: "executor" },
  EXEC_STOPPED: { sentence: "The action was stopped while it ran.", by: "executor" },
  EXEC_ROW_LIMIT: {
    sentence: "The result had more rows than the action allows; nothing was published.",
    by: "executor",
  },
  EXEC_UNKNOWN: { sentence: "The action started and its end is not known.", by: "executor" },

  ADMIN_FROZEN: { sentence: "A freeze is in force.", by: "operator" },
  ADMIN_CANCELLED: { sentence: "An operator cancelled the workflow.", by: "operator" },
  ADMIN_WITHDRAWN: { sentence: "An operator withdrew the request.", by: "operator" },
  ADMIN_RESOLVED: {
    sentence: "An operator recorded how an unknown execution ended.",
    by: "operator",
    noteRequired: true,
  },
  ADMIN_LIFTED: { sentence: "An operator lifted a freeze.", by: "operator" },
} as const satisfies Record<string, Row>;

export type ReasonCode = keyof typeof table;
export const REASON_CODES: Readonly<Record<ReasonCode, Row>> = table;

export function isReasonCode(code: string): code is ReasonCode {
  return Object.hasOwn(table, code);
}

/** Codes a reviewer may choose for deny and flag. */
export function reviewerCodes(): ReasonCode[] {
  const chosen: ReasonCode[] = [
    "REVIEW_NOT_JUSTIFIED",
    "REVIEW_TOO_BROAD",
    "REVIEW_WRONG_TARGET",
    "REVIEW_UNSAFE",
    "REVIEW_SUSPICIOUS",
    "REVIEW_OTHER",
  ];
  return chosen;
}

/** The sentence of a code; an organisation's own code speaks for itself. */
export function sentenceOf(code: string): string {
  return isReasonCode(code) ? REASON_CODES[code].sentence : code;
}
