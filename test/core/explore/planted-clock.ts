import { type Planted, plant } from "./planted.ts";

/** What an answer is bound to and what time does, broken on purpose. */
export const CLOCK_BROKEN: Planted[] = [
  plant("the digest is not compared", "deliberation.ts", "digest === state.digest ? null", "true ? null"),
  plant(
    "the facts are not compared",
    "eligibility.ts",
    "message.factsDigest === state.factsDigest ? null",
    "true ? null",
  ),
  plant("a message may come twice", "deliberation.ts", "if (state.seen.includes(id))", "if (false)"),
  plant(
    "the deadline is not checked",
    "eligibility.ts",
    "message.signedAt <= until + LIMITS.clockSkewSeconds * 1000",
    "true",
  ),
  plant(
    "an answer is judged by when it was read",
    "phase-pending.ts",
    "mayDeny(state, event.message) ?? inTime(event.message, state.deadlineAt)",
    'mayDeny(state, event.message) ?? (now > (state.deadlineAt ?? now) ? "REVIEW_AFTER_DEADLINE" : null)',
  ),
  plant(
    "the deadline passes unnoticed",
    "phase-pending.ts",
    "now >= state.deadlineAt) return timedOut(state);",
    "now < 0) return timedOut(state);",
  ),
  plant(
    "time approves",
    "phase-pending.ts",
    "now >= state.deadlineAt) return timedOut(state);",
    "now >= state.deadlineAt) return awaited({ ...state, requirement: null }, now);",
  ),
  plant(
    "time approves what others have approved in part",
    "phase-pending.ts",
    "now >= state.deadlineAt) return timedOut(state);",
    'now >= state.deadlineAt) return state.reviews.length === 0 ? timedOut(state) : awaited({ ...state, widened: state.widened.map(() => ["group:data", "group:security"]) }, now);',
  ),
  plant(
    "an extension has no limit",
    "eligibility.ts",
    'deadlineAt + extendSeconds * 1000 > latest ? "REVIEW_EXTENSION_TOO_LONG" : null',
    "latest < 0 ? null : null",
  ),
  plant(
    "a hold has no end",
    "phase-held.ts",
    "if (state.hold && now < state.hold.expiresAt) return ignore(state);",
    "if (state.hold) return ignore(state);",
  ),
  plant("an approval never runs out", "phase-starting.ts", "now < state.executeBy)", "now >= 0)"),
  plant(
    "slots are widened before their time",
    "escalation.ts",
    ".filter((one) => after(state, one.afterSeconds) <= now)",
    ".filter((one) => after(state, one.afterSeconds) <= now + 3_600_000)",
  ),
  plant(
    "a later answer is added to the earlier one",
    "transition.ts",
    "[...state.reviews.filter((one) => one.person !== review.person), review]",
    "[...state.reviews, review]",
  ),
  plant(
    "an account that is switched off still counts",
    "transition.ts",
    "via === undefined || !off.includes(via)",
    "via === undefined || off.length >= 0",
  ),
  plant(
    "who has left still counts",
    "transition.ts",
    "?.groups ?? null;",
    "?.groups ?? reviews.find((one) => one.person === person)?.groups ?? null;",
  ),
];
