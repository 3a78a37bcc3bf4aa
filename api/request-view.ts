import type { Configuration } from "../config/configuration.ts";
import type { Deliberation, Outcome } from "../core/deliberation-types.ts";
import { standingOf } from "../core/escalation.ts";
import type { Reason } from "../core/evaluation.ts";
import { type Instant, isPerson, type PrincipalId } from "../core/principal.ts";
import { sentenceOf } from "../core/reason-codes.ts";
import type { RequestRecord } from "../db/types.ts";
import { allowedVerbs } from "./allowed-verbs.ts";
import type { Identity } from "./auth/identity.ts";
import type { Named, ReasonView } from "./contract/primitives.ts";
import type { RequestView } from "./contract/request.ts";
import { ownerOf } from "./visibility.ts";

/** Maps the record to the wire: pure, and the only place that does. */
export function requestView(
  record: RequestRecord,
  viewer: Identity,
  configuration: Configuration,
  publicUrl: string,
): RequestView {
  const { submission, state } = record;
  const names = nameBook(record, configuration);
  const reasonsOf = (reasons: Reason[]) => reasons.map((reason) => reasonView(reason, configuration));
  const owner = ownerOf(record, configuration.directory);
  return {
    id: record.id,
    status: record.status,
    digest: submission.digest,
    factsDigest: state?.factsDigest ?? record.evaluation?.factsDigest ?? null,
    action: { type: submission.action.type },
    target: submission.action.target,
    environment: record.environment,
    arguments: submission.action.arguments,
    justification: submission.justification,
    requester: names(submission.requester),
    owner: owner === null ? null : names(owner),
    onBehalfOf: submission.onBehalfOf === null ? null : names(submission.onBehalfOf),
    run: submission.run,
    reasons: reasonsOf(state?.reasons ?? record.outcome?.reasons ?? record.evaluation?.reasons ?? []),
    preview: record.description?.preview ?? null,
    requirement: state === null ? null : requirementView(state),
    deadlineAt: timeOrNull(state?.deadlineAt),
    executeBy: timeOrNull(state?.executeBy),
    hold: holdView(state, names),
    flags: (state?.flags ?? []).map((flag) => ({
      by: { id: flag.by, name: flag.name },
      reason: flag.reason,
      note: flag.note,
      held: flag.held,
      at: time(flag.at),
    })),
    decision: record.outcome === null ? null : decisionView(record.outcome, names, reasonsOf),
    execution: executionView(record),
    resolution: resolutionView(record, names),
    allowedVerbs: allowedVerbs(record, viewer),
    reviewUrl: `${publicUrl}/requests/${record.id}`,
    statusUrl: `${publicUrl}/v1/requests/${record.id}`,
    createdAt: time(record.createdAt),
    updatedAt: time(record.updatedAt),
    revision: record.revision,
  };
}

export function reasonView(reason: Reason, configuration: Configuration): ReasonView {
  const own = configuration.reasonCodes.find((row) => row.code === reason.code);
  return { code: reason.code, text: own?.sentence ?? sentenceOf(reason.code), rule: reason.rule, note: reason.note };
}

/** Names as the directory has them now, for people and agents; an id that left it speaks for itself. */
export function nameOf(id: PrincipalId, configuration: Configuration): Named {
  const { people, agents } = configuration.directory;
  const found = isPerson(id) ? people.find((person) => person.id === id) : agents.find((agent) => agent.id === id);
  return { id, name: found?.name ?? id };
}

export function time(instant: Instant): string {
  return new Date(instant).toISOString();
}

type Names = (id: PrincipalId) => Named;

function nameBook(record: RequestRecord, configuration: Configuration): Names {
  return (id) => {
    const named = nameOf(id, configuration);
    if (named.name !== id) return named;
    if (id === record.submission.requester) return { id, name: record.names.requester };
    if (id === record.state?.parties.owner && record.names.owner !== null) return { id, name: record.names.owner };
    return named;
  };
}

function timeOrNull(instant: Instant | null | undefined): string | null {
  return instant === null || instant === undefined ? null : time(instant);
}

function requirementView(state: Deliberation): RequestView["requirement"] {
  const requirement = state.requirement;
  if (requirement === null) return null;
  const approvals = new Map(state.reviews.map((review) => [review.person, review]));
  return {
    slots: standingOf(state).map((slot) => ({
      from: slot.from,
      count: slot.count,
      widenedTo: [...(state.widened[slot.slot] ?? [])],
      filledBy: slot.filledBy.flatMap((person) => {
        const review = approvals.get(person);
        return review ? [{ id: person, name: review.name, at: time(review.signedAt), channel: review.channel }] : [];
      }),
      missing: slot.missing,
    })),
    channels: [...requirement.channels],
    latestDeadlineAt: time(state.openedAt + requirement.maxTimeoutSeconds * 1000),
    justification: requirement.justification,
  };
}

function holdView(state: Deliberation | null, names: Names): RequestView["hold"] {
  if (state === null || state.hold === null) return null;
  const { by, since, expiresAt } = state.hold;
  return { by: names(by), since: time(since), expiresAt: time(expiresAt) };
}

function decisionView(
  outcome: Outcome,
  names: Names,
  reasonsOf: (reasons: Reason[]) => ReasonView[],
): RequestView["decision"] {
  return {
    status: outcome.status,
    by: outcome.decidedBy,
    people: outcome.people.map(names),
    reasons: reasonsOf(outcome.reasons),
  };
}

function executionView(record: RequestRecord): RequestView["execution"] {
  const report = record.report ?? record.outcome?.report ?? null;
  if (report !== null) {
    return {
      status: report.status,
      code: report.code,
      startedAt: timeOrNull(report.startedAt),
      endedAt: timeOrNull(report.endedAt),
      result: report.result,
      detail: report.detail,
    };
  }
  if (record.status !== "running") return null;
  return { status: "running", code: null, startedAt: null, endedAt: null, result: null, detail: null };
}

function resolutionView(record: RequestRecord, names: Names): RequestView["resolution"] {
  if (record.resolution === null) return null;
  const { outcome, reason, note, by, at } = record.resolution;
  return { outcome, reason, note, by: names(by), at: time(at) };
}
