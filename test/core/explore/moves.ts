import type { ExecutionReport, GateRefusal, Settlement } from "../../../core/deliberation-types.ts";
import type { Requirement } from "../../../core/requirement.ts";
import { ALLOWING, ANA_IN_CHAT, asking, DENYING, FACTS, OTHER_FACTS, rosterWhen, STRICTER } from "./company.ts";
import { type Move, says } from "./messages.ts";
import type { Position } from "./position.ts";

/** Everything that can happen to a request, by whom it comes from. */
export const ANSWERS: Move[] = [
  says("ana approves", "approve", { by: "person:ana" }),
  says("ana approves in chat", "approve", { by: "person:ana", via: ANA_IN_CHAT, channel: "slack" }),
  says("ana's approval, signed at the opening, is read now", "approve", { by: "person:ana", early: true }),
  says("ben approves", "approve", { by: "person:ben" }),
  says("ben approves with his second account in chat", "approve", {
    ...{ by: "person:ben", via: "slack:T1/BEN", channel: "slack" },
  }),
  says("cas approves", "approve", { by: "person:cas" }),
  says("eli approves", "approve", { by: "person:eli" }),
  says("ben denies", "deny", { by: "person:ben" }),
  says("ben's denial, signed at the opening, is read now", "deny", { by: "person:ben", early: true }),
];

export const DELEGATES: Move[] = [
  says("nik approves for ana", "approve", { by: "person:nik", places: ["person:ana"] }),
  says("eli approves for ana", "approve", { by: "person:eli", places: ["person:ana"] }),
  says("nik approves for the owner", "approve", { by: "person:nik", places: ["person:olga"] }),
  says("eli approves for the requester", "approve", { by: "person:eli", places: ["person:rui"] }),
  says("nik approves for a contractor", "approve", { by: "person:nik", places: ["person:dan"] }),
  says("nik approves for ana and ben", "approve", { by: "person:nik", places: ["person:ana", "person:ben"] }),
];

/** Answers that must never count. */
export const FORBIDDEN: Move[] = [
  says("the owner approves", "approve", { by: "person:olga" }),
  says("the owner approves with a second account", "approve", { by: "person:olga", via: "person:olga-too" }),
  says("the requester approves", "approve", { by: "person:rui" }),
  says("the requester approves in chat", "approve", { by: "person:rui", via: "slack:T1/RUI", channel: "slack" }),
  says("a contractor approves", "approve", { by: "person:dan" }),
  says("an auditor approves", "approve", { by: "person:aud" }),
  says("ben approves through a channel the policy does not accept", "approve", { by: "person:ben", channel: "api" }),
  says("ben approves another action", "approve", { by: "person:ben", wrong: "digest" }),
  says("ben approves facts he was not shown", "approve", { by: "person:ben", wrong: "facts" }),
  says("a recorded message comes again", "approve", { by: "person:ben", again: true }),
  says("ben denies without a reason", "deny", { by: "person:ben", reason: null }),
  says("the owner denies", "deny", { by: "person:olga" }),
];

export const HOLDS: Move[] = [
  says("ben flags", "flag", { by: "person:ben" }),
  says("cas, an auditor, flags", "flag", { by: "person:cas" }),
  says("the owner flags", "flag", { by: "person:olga" }),
  says("cas, an auditor, releases", "release", { by: "person:cas" }),
  says("an auditor releases", "release", { by: "person:aud" }),
  says("ben releases", "release", { by: "person:ben" }),
  says("an auditor rejects", "reject", { by: "person:aud" }),
  says("cas, an auditor, rejects", "reject", { by: "person:cas" }),
];

export const CALLING_OFF: Move[] = [
  says("the requester withdraws", "withdraw", { by: "person:rui" }),
  says("ana withdraws", "withdraw", { by: "person:ana" }),
  says("an operator withdraws", "withdraw", { by: "person:ops" }),
  says("ben stops", "stop", { by: "person:ben" }),
  says("ben extends", "extend", { by: "person:ben", extendSeconds: 900 }),
  { name: "Temporal's Cancel", at: ({ now }) => ({ kind: "event", event: { kind: "cancelled" }, now }) },
];

const LATE_MS = 10_000;
export const TIME: Move[] = [
  {
    name: "the next tick is due",
    at: ({ state, now }) => {
      const due = dueOf(state.phase, state);
      return due === null ? null : { kind: "event", event: { kind: "tick" }, now: Math.max(now, due) };
    },
  },
  { name: "a tick comes early", at: ({ now }) => ({ kind: "event", event: { kind: "tick" }, now }) },
  {
    name: "ten minutes pass",
    at: ({ now }) => (now >= 600_000 ? null : { kind: "event", event: { kind: "tick" }, now: 600_000 }),
  },
  {
    name: "the worker sleeps past what is due",
    at: ({ state, now }) => {
      const due = dueOf(state.phase, state);
      return due === null || due + LATE_MS <= now ? null : { kind: "sleep", now: due + LATE_MS };
    },
  },
];

/** When a phase ends by time, told without asking core. */
function dueOf(phase: string, { deadlineAt, hold, executeBy, claimSeen }: Position["state"]): number | null {
  if (phase === "pending") return deadlineAt;
  if (phase === "held") return hold?.expiresAt ?? null;
  return phase === "starting" && !claimSeen ? executeBy : null;
}

export const DIRECTORY: Move[] = [
  {
    name: "ana leaves the company",
    at: ({ state, around }) =>
      state.phase === "ended" || around.anaHasLeft ? null : { kind: "directory", change: { anaHasLeft: true } },
  },
  {
    name: "ana's account in the chat is switched off",
    at: ({ state, around }) =>
      state.phase === "ended" || around.anaIsOff ? null : { kind: "directory", change: { anaIsOff: true } },
  },
];

const SUCCEEDED: ExecutionReport = {
  ...{ status: "succeeded", code: "EXEC_SUCCEEDED", detail: null, result: null, startedAt: 0, endedAt: 0 },
};
const UNKNOWN: ExecutionReport = { ...SUCCEEDED, status: "unknown", code: "EXEC_UNKNOWN", endedAt: null };

export const EXECUTION: Move[] = [
  {
    name: "the executor claims",
    at: ({ around, now }) =>
      around.outstanding !== null && around.claim === null && now < around.executeBy ? { kind: "claim" } : null,
  },
  settles("the settlement is told", null),
  settles("the settlement is told, and the action is over", SUCCEEDED),
  reports("the action succeeded", SUCCEEDED),
  reports("nobody knows how the action ended", UNKNOWN),
];

function settles(name: string, report: ExecutionReport | null): Move {
  return {
    name,
    at({ state, around, now }) {
      if (state.phase !== "settling" || (report !== null && around.claim === null)) return null;
      const settlement: Settlement = around.claim === null ? { won: true } : { won: false, report };
      return { kind: "event", event: { kind: "settled", settlement }, now };
    },
  };
}

function reports(name: string, report: ExecutionReport): Move {
  return {
    name,
    at({ around, now }) {
      const { claim } = around;
      return claim === null ? null : { kind: "event", event: { kind: "executed", attempt: claim, report }, now };
    },
  };
}

export const gateUnder = (requirement: Requirement): Move[] => [
  refuses("the gate refuses and nothing has changed", {}),
  refuses("the gate finds the same requirement again", { evaluation: asking(requirement) }),
  refuses("the gate finds a stricter requirement", { evaluation: asking(STRICTER) }),
  refuses("the gate finds other facts", {
    ...{ evaluation: asking(requirement, OTHER_FACTS), factsDigest: OTHER_FACTS, voidReviewsBefore: true },
  }),
  refuses("the gate finds the first facts again", {
    ...{ evaluation: asking(requirement, FACTS), factsDigest: FACTS, voidReviewsBefore: true },
  }),
  refuses("the gate finds that nobody has to answer", { evaluation: ALLOWING }),
  refuses("the gate finds that the policy denies", { evaluation: DENYING }),
  refuses("the gate denies", { disposition: "denied" }),
  refuses("the gate says it is too late", { disposition: "expired" }),
  refuses("a refusal of an earlier attempt comes late", {}, 1),
];

function refuses(name: string, tweak: Partial<GateRefusal>, earlier = 0): Move {
  return {
    name,
    at({ state, around, now }) {
      const stale = earlier > 0 && state.attempt > earlier;
      // A claim is never followed by a refusal: the executor finds its own claim.
      if (!stale && (around.outstanding === null || around.claim !== null || earlier > 0)) return null;
      const roster = rosterWhen(around.anaHasLeft);
      const none = { detail: null, reasons: [], evaluation: null, factsDigest: null, voidReviewsBefore: false };
      const refusal: GateRefusal = { disposition: "again", code: "EXEC_NOT_APPROVED", ...none, roster, ...tweak };
      const attempt = stale ? state.attempt - earlier : (around.outstanding ?? 0);
      return { kind: "event", event: { kind: "gateRefused", attempt, refusal }, now };
    },
  };
}
