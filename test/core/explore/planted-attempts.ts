import { type Planted, plant } from "./planted.ts";

/** Holds, attempts, gates and ends, broken on purpose. */
export const ATTEMPTS_BROKEN: Planted[] = [
  plant(
    "a flag does not hold",
    "phase-pending.ts",
    "held(taken(state, event), event, now)",
    "{ ...held(taken(state, event), event, now), state: taken(state, event) }",
  ),
  plant(
    "approvals end a hold",
    "phase-held.ts",
    'return stepTo(reviewed.state, [approved, ...reviewed.happened], recorded("REVIEW_APPROVED"));',
    'return { ...awaited(reviewed.state, now), answer: recorded("REVIEW_APPROVED"), happened: [approved] };',
  ),
  plant(
    "who flagged may release",
    "eligibility.ts",
    'flaggers.some((one) => one === message.by) ? "REVIEW_FLAGGER_EXCLUDED" : null',
    "flaggers.length < 0 ? null : null",
  ),
  plant(
    "whoever may answer may release",
    "eligibility.ts",
    'if (!isAuditor(message)) return "REVIEW_NOT_ELIGIBLE";',
    "",
  ),
  plant(
    "a release starts without asking who is missing",
    "phase-held.ts",
    "const next = awaited(free, now);",
    "const next = awaited({ ...free, requirement: null }, now);",
  ),
  plant(
    "anybody withdraws",
    "eligibility.ts",
    'return isPerson(by) && groups.includes(OPERATORS) ? null : "REVIEW_NOT_ALLOWED";',
    "return groups.length < 0 || isPerson(by) ? null : null;",
  ),
  plant(
    "a deny while it starts does not ask the database",
    "phase-starting.ts",
    "return unlessClaimed(state, event, mayDeny(state, event.message));",
    'return unlessClaimed(state, event, mayDeny(state, event.message)).answer ?? false ? unlessClaimed(state, event, mayDeny(state, event.message)) : reported(taken(state, event), { status: "failed", code: "X", detail: null, result: null, startedAt: null, endedAt: null });',
  ),
  plant(
    "a lost settlement is taken for a won one",
    "phase-settling.ts",
    "settlement.won ? won(state, now)",
    "settlement.won || true ? won(state, now)",
  ),
  plant(
    "a won flag goes back to starting",
    "phase-settling.ts",
    "return held(taken(free, event), event, now);",
    'return flaggedTooLate({ ...free, phase: "starting" }, event, now);',
  ),
  plant(
    "after a claim the clock still calls off",
    "phase-starting.ts",
    "const waiting = state.claimSeen || (",
    "const waiting = (",
  ),
  plant(
    "a withdrawal forgets that a claim was seen",
    "phase-settling.ts",
    "settling: null, claimSeen: true };",
    "settling: null, claimSeen: false };",
  ),
  plant("the gate sends back for ever", "gate-refusal.ts", "state.rounds + 1 > LIMITS.gateRounds", "state.rounds < 0"),
  plant(
    "a gate's refusal gives a new deadline",
    "gate-refusal.ts",
    "return state.deadlineAt - earlier * 1000;",
    "return now + requirement.timeoutSeconds * 1000 - earlier * 0;",
  ),
  plant(
    "approvals of other facts stay",
    "gate-refusal.ts",
    "informed.reviews.filter((review) => review.factsDigest === factsDigest)",
    "informed.reviews",
  ),
  plant(
    "the gate's requirement is not taken over",
    "gate-refusal.ts",
    "const judged = evaluation ? underEvaluation(state, evaluation, now) : state;",
    'const judged = evaluation && evaluation.outcome === "allow" ? underEvaluation(state, evaluation, now) : state;',
  ),
  plant(
    "a refusal of an earlier attempt is taken for this one's",
    "gate-refusal.ts",
    "if (attempt !== state.attempt) return ignore(state);",
    "",
  ),
  plant(
    "an attempt keeps its number",
    "waiting.ts",
    "const attempt = state.attempt + 1;",
    "const attempt = Math.max(1, state.attempt);",
  ),
  plant(
    "what has ended can be approved",
    "phase-ended.ts",
    "  approve: over,",
    '  approve: { does: "", run: (state) => stepTo({ ...state, phase: "starting", outcome: null }, [], recorded("REVIEW_APPROVED")) },',
  ),
  plant(
    "what has ended hears a cancellation",
    "phase-ended.ts",
    '  cancelled: ignoring("Ignored: the request has ended."),',
    '  cancelled: { does: "", run: (state) => stepTo({ ...state, outcome: state.outcome === null ? null : { ...state.outcome, status: "withdrawn" } }) },',
  ),
];
