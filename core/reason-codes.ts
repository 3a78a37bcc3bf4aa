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

  REVIEW_NOT_ELIGIBLE: {
    sentence: "You are not in a group that may answer this request.",
    by: "refusal",
    status: 403,
    next: "Ask somebody of the groups shown on the request.",
  },
  REVIEW_OWN_REQUEST: {
    sentence: "You asked for this action, or it was asked for you; somebody else has to answer.",
    by: "refusal",
    status: 403,
    next: "Ask another member of the groups shown on the request.",
  },
  REVIEW_OWNER_EXCLUDED: {
    sentence: "You own the agent that asks; somebody else has to answer.",
    by: "refusal",
    status: 403,
    next: "Ask another member of the groups shown on the request.",
  },
  REVIEW_EXCLUDED_BY_POLICY: {
    sentence: "The policy excludes you from answering this request.",
    by: "refusal",
    status: 403,
    next: "Ask another member of the groups shown on the request.",
  },
  REVIEW_INACTIVE: {
    sentence: "Your account is not active in the directory.",
    by: "refusal",
    status: 403,
    next: "Ask an operator to restore your account.",
  },
  REVIEW_UNKNOWN_PERSON: {
    sentence: "You are not in the directory.",
    by: "refusal",
    status: 403,
    next: "Ask an operator to add you to countersign.yaml.",
  },
  REVIEW_NOT_A_PERSON: {
    sentence: "Only people review; an agent cannot.",
    by: "refusal",
    status: 403,
    next: "Let a reviewer answer.",
  },
  REVIEW_CHANNEL_NOT_ALLOWED: {
    sentence: "The policy does not accept answers through this channel.",
    by: "refusal",
    status: 403,
    next: "Use one of the channels shown on the request.",
  },
  REVIEW_REASON_REQUIRED: {
    sentence: "This answer needs a reason code.",
    by: "refusal",
    status: 422,
    next: "Choose a reason code and send it again.",
  },
  REVIEW_REASON_UNKNOWN: {
    sentence: "That reason code is not one a reviewer may choose.",
    by: "refusal",
    status: 422,
    next: "Choose one of the listed reason codes.",
  },
  REVIEW_NOTE_REQUIRED: {
    sentence: "This answer needs a note.",
    by: "refusal",
    status: 422,
    next: "Write a note and send it again.",
  },
  REVIEW_DIGEST_CHANGED: {
    sentence: "That is not the action this request is about.",
    by: "refusal",
    status: 409,
    next: "Read the request again and answer what it shows now.",
  },
  REVIEW_PREVIEW_CHANGED: {
    sentence: "The facts have changed since you looked.",
    by: "refusal",
    status: 409,
    next: "Read the request again and answer what it shows now.",
  },
  REVIEW_SIGNATURE_INVALID: {
    sentence: "The message was not signed by a process we trust.",
    by: "refusal",
    status: 403,
    next: "Answer on the request page.",
  },
  REVIEW_ALREADY_DECIDED: {
    sentence: "The request has already ended.",
    by: "refusal",
    status: 409,
    next: "Nothing is left to do.",
  },
  REVIEW_HELD: {
    sentence: "The request is held; auditors decide first.",
    by: "refusal",
    status: 409,
    next: "Wait for an auditor to release or reject it.",
  },
  REVIEW_NOT_HELD: {
    sentence: "The request is not held.",
    by: "refusal",
    status: 409,
    next: "Approve, deny or flag it instead.",
  },
  REVIEW_NOT_RUNNING: {
    sentence: "Nothing is starting or running yet.",
    by: "refusal",
    status: 409,
    next: "Deny or withdraw the request instead.",
  },
  REVIEW_NOT_PENDING: {
    sentence: "The request is not waiting for people.",
    by: "refusal",
    status: 409,
    next: "Read the request again.",
  },
  REVIEW_FLAGGER_EXCLUDED: {
    sentence: "Whoever flagged a request cannot release or reject it.",
    by: "refusal",
    status: 403,
    next: "Ask another auditor.",
  },
  REVIEW_TOO_LATE: {
    sentence: "The action has already started.",
    by: "refusal",
    status: 409,
    next: "Use Stop to end it.",
  },
  REVIEW_AFTER_DEADLINE: {
    sentence: "The deadline had passed when you answered.",
    by: "refusal",
    status: 409,
    next: "The agent has to ask again.",
  },
  REVIEW_EXTENSION_TOO_LONG: {
    sentence: "The policy does not allow the deadline to move that far.",
    by: "refusal",
    status: 422,
    next: "Ask for a shorter extension.",
  },
  REVIEW_BUSY: {
    sentence: "Another answer is being settled this moment.",
    by: "refusal",
    status: 409,
    next: "Try again in a few seconds.",
  },
  REVIEW_TOO_MANY: {
    sentence: "This request has received too many messages.",
    by: "refusal",
    status: 429,
    next: "Decide on the request page.",
  },
  REVIEW_NOT_ALLOWED: {
    sentence: "You may not do this to the request.",
    by: "refusal",
    status: 403,
    next: "Ask the requester, the owner or an operator.",
  },

  REVIEW_NOT_LINKED: {
    sentence: "Nobody in the directory has this account.",
    by: "refusal",
    status: 403,
    next: "Send `/approvals link` and open the link, or ask an operator to add your account to countersign.yaml.",
  },
  REVIEW_GUEST: {
    sentence: "Guests of the workspace cannot answer.",
    by: "refusal",
    status: 403,
    next: "Ask a full member of the groups shown on the request.",
  },
  REVIEW_ACCOUNT_OFF: {
    sentence: "This account is switched off or is a bot's.",
    by: "refusal",
    status: 403,
    next: "Answer from an account that is active and a person's.",
  },
  REVIEW_OUTSIDER: {
    sentence: "This account belongs to another workspace.",
    by: "refusal",
    status: 403,
    next: "Ask somebody of the groups shown on the request.",
  },
  REVIEW_AGENT_ACCOUNT: {
    sentence: "This account is an agent's, and agents do not review.",
    by: "refusal",
    status: 403,
    next: "Let a person answer.",
  },
  REVIEW_IDENTITY_UNAVAILABLE: {
    sentence: "It could not be found out who you are, so your answer was NOT recorded.",
    by: "refusal",
    status: 503,
    next: "Try again, or use the request page.",
  },
  REVIEW_SURFACE_UNKNOWN: {
    sentence: "This is not the message that shows the request.",
    by: "refusal",
    status: 409,
    next: "Use the newest card of the request, or the request page.",
  },
  REVIEW_BUTTON_STALE: {
    sentence: "This button is older than what it is about.",
    by: "refusal",
    status: 409,
    next: "Look at the card again and use the button it has now.",
  },
  REVIEW_NOT_YOUR_VIEW: {
    sentence: "Somebody else opened this form.",
    by: "refusal",
    status: 403,
    next: "Open it from the card yourself.",
  },

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
