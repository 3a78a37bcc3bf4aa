import { open, step } from "../../core/deliberation.ts";
import type {
  AdmittedMessage,
  Deliberation,
  DeliberationEvent,
  ExecutionReport,
  GateRefusal,
  MessageEvent,
  Opening,
  Step,
} from "../../core/deliberation-types.ts";
import type { Evaluation } from "../../core/evaluation.ts";
import type { Verb } from "../../core/message.ts";
import { AUDITORS, type GroupId, type Instant, OPERATORS, type PrincipalId } from "../../core/principal.ts";
import type { Requirement, Roster, Slot } from "../../core/requirement.ts";

/** One company, one request; each test tweaks one thing. Times are milliseconds after the opening. */
export const OPENED: Instant = 1_000_000;
export const HOUR = 3_600_000;
export const at = (milliseconds: number): Instant => OPENED + milliseconds;

export const DATA: GroupId = "group:data";
export const SECURITY: GroupId = "group:security";
export const ONCALL: GroupId = "group:oncall";

const PEOPLE: { [id: string]: GroupId[] } = {
  "person:ana": [DATA],
  "person:ben": [DATA],
  "person:cas": [SECURITY],
  "person:dia": [DATA, SECURITY],
  "person:eli": [ONCALL],
  "person:aud": [AUDITORS],
  "person:aurel": [AUDITORS],
  "person:ops": [OPERATORS],
  "person:owner": [DATA],
  "person:asker": [DATA],
  "person:nobody": [],
};
export const AGENT = "agent:etl" as const;

export function groupsOf(by: PrincipalId): GroupId[] {
  return PEOPLE[by] ?? [];
}

export const ROSTER: Roster = Object.entries(PEOPLE).map(([person, groups]) => ({
  person: person as `person:${string}`,
  name: person,
  groups,
}));

export function slot(from: GroupId, count = 1, escalate: Slot["escalate"] = []): Slot {
  return { from, count, escalate };
}

export function requirement(tweak: Partial<Requirement> = {}): Requirement {
  return {
    slots: [slot(DATA)],
    timeoutSeconds: 4 * 3600,
    maxTimeoutSeconds: 8 * 3600,
    validForSeconds: 900,
    remindSeconds: [],
    channels: ["page", "api"],
    holdSeconds: 24 * 3600,
    excludeGroups: [],
    justification: "optional",
    ...tweak,
  };
}

export function reviewing(tweak: Partial<Requirement> = {}, more: Partial<Evaluation> = {}): Evaluation {
  return {
    outcome: "review",
    reasons: [{ code: "BULK_EXPORT", rule: "bulk", note: null }],
    rules: [],
    requirement: requirement(tweak),
    validForSeconds: 900,
    provenance: {},
    policyDigest: "sha256:policy",
    engine: "test",
    factsDigest: "sha256:facts",
    ...more,
  };
}

export function allowing(): Evaluation {
  const reasons = [{ code: "LOW_RISK_READ", rule: "low", note: null }];
  return { ...reviewing(), outcome: "allow", requirement: null, reasons };
}

export function opening(evaluation: Evaluation = reviewing(), tweak: Partial<Opening> = {}): Opening {
  return {
    requestId: "req_1",
    digest: "sha256:action",
    parties: { requester: AGENT, owner: "person:owner", onBehalfOf: "person:asker" },
    evaluation,
    roster: ROSTER,
    openedAt: OPENED,
    ...tweak,
  };
}

export function pending(tweak: Partial<Requirement> = {}): Deliberation {
  return open(opening(reviewing(tweak))).state;
}

let messages = 0;
export function says(verb: Verb, by: PrincipalId, when: Instant, tweak: Partial<AdmittedMessage> = {}): MessageEvent {
  messages += 1;
  const noted = verb === "deny" || verb === "flag" ? { reason: "REVIEW_UNSAFE", note: "looks wrong" } : {};
  const message: AdmittedMessage = {
    id: `message-${messages}`,
    verb,
    flag: null,
    reason: null,
    note: null,
    extendSeconds: verb === "extend" ? 600 : null,
    digest: "sha256:action",
    factsDigest: "sha256:facts",
    by,
    via: by,
    name: by,
    groups: groupsOf(by),
    channel: "page",
    signedAt: when,
    ...noted,
    ...tweak,
  };
  return { kind: verb, message, roster: ROSTER };
}

export type Timed = [event: DeliberationEvent, now: Instant];

export function reached(state: Deliberation, ...events: Timed[]): Deliberation {
  return events.reduce((current, [event, now]) => step(current, event, now).state, state);
}

export function say(state: Deliberation, verb: Verb, by: PrincipalId, when: Instant, tweak = {}): Step {
  return step(state, says(verb, by, when, tweak), when);
}

/** Met at `at(1000)`, attempt 1 on its way. */
export function starting(tweak: Partial<Requirement> = {}): Deliberation {
  return reached(pending(tweak), [says("approve", "person:ana", at(1000)), at(1000)]);
}

export function held(): Deliberation {
  return reached(pending(), [says("flag", "person:ben", at(HOUR)), at(HOUR)]);
}

export const tick: DeliberationEvent = { kind: "tick" };
export const won: DeliberationEvent = { kind: "settled", settlement: { won: true } };
export const lost: DeliberationEvent = { kind: "settled", settlement: { won: false, report: null } };

export const SUCCEEDED: ExecutionReport = {
  status: "succeeded",
  code: "EXEC_SUCCEEDED",
  detail: null,
  result: { rows: 3 },
  startedAt: at(2000),
  endedAt: at(3000),
};

export function refusedByGate(attempt: number, tweak: Partial<GateRefusal> = {}): DeliberationEvent {
  const refusal: GateRefusal = {
    disposition: "again",
    code: "EXEC_POLICY_CHANGED",
    detail: null,
    reasons: [],
    evaluation: null,
    factsDigest: null,
    voidReviewsBefore: false,
    roster: ROSTER,
    ...tweak,
  };
  return { kind: "gateRefused", attempt, refusal };
}

export function types(result: Step): string[] {
  return result.happened.map((one) => one.type);
}
