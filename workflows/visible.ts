import { setCurrentDetails, upsertSearchAttributes } from "@temporalio/workflow";
import type { Deliberation, Outcome } from "../core/deliberation-types.ts";
import { standingOf } from "../core/escalation.ts";
import { AUDITORS } from "../core/principal.ts";
import { sentenceOf } from "../core/reason-codes.ts";
import type { Submission } from "../core/request.ts";
import { SEARCH_ATTRIBUTES, WAITING_FOR_MAX } from "../core/search-attributes.ts";

/** What operators see in Temporal's UI. Only ids of the configuration and our own sentences, no agent text. */
export function showSubmission(request: Submission, environment: string): void {
  const { CountersignStatus, ActionType, AgentId, Target, Environment } = SEARCH_ATTRIBUTES;
  upsertSearchAttributes([
    { key: CountersignStatus, value: "evaluating" },
    { key: ActionType, value: request.action.type },
    { key: AgentId, value: request.requester },
    { key: Target, value: request.action.target },
    { key: Environment, value: environment },
  ]);
}

/** Upserted only where a list needs it: a phase that people wait in, or who is waited for. */
export function openBoard(): (state: Deliberation) => void {
  let shown = "";
  return (state) => {
    setCurrentDetails(detailsOf(state));
    const wanted = listed(state);
    if (JSON.stringify(wanted) === shown) return;
    shown = JSON.stringify(wanted);
    upsertListed(state, wanted);
  };
}

function upsertListed(state: Deliberation, wanted: Listed): void {
  const { CountersignStatus, PolicyRule, WaitingFor, DecideBy, ApprovalsMissing } = SEARCH_ATTRIBUTES;
  upsertSearchAttributes([
    { key: CountersignStatus, value: wanted.status },
    { key: PolicyRule, value: state.reasons.find((reason) => reason.rule !== null)?.rule ?? null },
    { key: WaitingFor, value: wanted.waitingFor },
    { key: DecideBy, value: wanted.decideBy === null ? null : new Date(wanted.decideBy) },
    { key: ApprovalsMissing, value: wanted.missing },
  ]);
}

export function showEnd(outcome: Outcome): void {
  const { CountersignStatus, WaitingFor, DecideBy, ApprovalsMissing } = SEARCH_ATTRIBUTES;
  upsertSearchAttributes([
    { key: CountersignStatus, value: outcome.status },
    { key: WaitingFor, value: null },
    { key: DecideBy, value: null },
    { key: ApprovalsMissing, value: null },
  ]);
  const why = outcome.reasons.map((reason) => `- ${reason.code}: ${sentenceOf(reason.code)}`);
  setCurrentDetails([`**${outcome.status}**, decided by ${outcome.decidedBy}`, ...why].join("\n"));
}

/** Says on the timer what will happen when it fires. */
export function wakeSummary(state: Deliberation, wake: number | null): string {
  if (wake === null) return "waits for the executor";
  if (state.phase === "held") return "the hold expires";
  if (state.phase === "starting" || state.phase === "settling") return "the approval runs out";
  if (wake === state.deadlineAt) return "the request expires";
  const passed = Math.round((wake - state.openedAt) / 1_000);
  const rungs = (state.requirement?.slots ?? []).flatMap((slot) => slot.escalate);
  const rung = rungs.find((candidate) => candidate.afterSeconds === passed);
  return rung ? `escalates to ${rung.to}` : "reminds those missing";
}

type Listed = { status: string; waitingFor: string[]; decideBy: number | null; missing: number };

function listed(state: Deliberation): Listed {
  const open = openSlots(state);
  const groups = state.phase === "held" ? [AUDITORS] : open.flatMap(({ groups }) => groups);
  const waits = state.phase === "pending" || state.phase === "held";
  return {
    status: state.phase === "settling" ? "starting" : state.phase,
    waitingFor: waits ? [...new Set<string>(groups)].sort().slice(0, WAITING_FOR_MAX) : [],
    decideBy: state.phase === "held" ? (state.hold?.expiresAt ?? null) : waits ? state.deadlineAt : state.executeBy,
    missing: waits ? open.reduce((sum, slot) => sum + slot.missing, 0) : 0,
  };
}

function openSlots(
  state: Deliberation,
): { from: string; groups: string[]; missing: number; filled: number; count: number }[] {
  return standingOf(state)
    .map((slot) => ({
      from: slot.from,
      groups: [slot.from, ...(state.widened[slot.slot] ?? [])],
      missing: slot.missing,
      filled: slot.filledBy.length,
      count: slot.count,
    }))
    .filter((slot) => slot.missing > 0);
}

function detailsOf(state: Deliberation): string {
  const rows = standingOf(state).map(
    (slot) => `| ${slot.from} | ${slot.filledBy.length} of ${slot.count} | ${slot.filledBy.join(", ") || "–"} |`,
  );
  const table = rows.length > 0 ? ["", "| approvals from | have | by |", "|---|---|---|", ...rows] : [];
  const deadline = state.deadlineAt === null ? [] : ["", `Decide by ${new Date(state.deadlineAt).toISOString()}`];
  const flags = state.flags.map((flag) => `- flagged by ${flag.by}: ${flag.reason}${flag.held ? " (held)" : ""}`);
  return [`**${state.phase}**`, ...table, ...deadline, ...flags].join("\n");
}
