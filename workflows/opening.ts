import { ApplicationFailure } from "@temporalio/workflow";
import type { Cause, Described, Evaluated, SubmissionAdmission } from "../activities/types.ts";
import { open } from "../core/deliberation.ts";
import type { Happening, Outcome, Parties } from "../core/deliberation-types.ts";
import type { Description } from "../core/evaluation.ts";
import type { Signed, Submission } from "../core/request.ts";
import { describeOn, local } from "./activity-options.ts";
import type { Entered, Followed, Journal } from "./journal.ts";
import type { EvaluatedAnswer } from "./messages.ts";
import { persist } from "./persist.ts";

/** The first two entries of a request's stream: that it was asked, and what the policy said. */
type Opened = Followed & { evaluated: Evaluated | null };

export async function enterSubmitted(
  journal: Journal,
  signed: Signed<Submission>,
  { parties, environment, names }: SubmissionAdmission & { ok: true },
): Promise<void> {
  const { requester, action } = signed.content;
  const asked: Happening = {
    type: "request.submitted",
    by: requester,
    reasons: [],
    data: { actionType: action.type, target: action.target, digest: signed.content.digest },
  };
  const follow = (cause: Cause): Followed => {
    expectKind(cause, "submitted");
    return { happened: [asked], state: null, outcome: null, effects: [] };
  };
  await journal.enter({ kind: "submitted", parties, environment, names }, follow, { submission: signed });
}

/** Facts wait for an executor; without any in time the request is denied, never guessed. */
export async function describe(executorQueue: string, requestId: string): Promise<Described> {
  try {
    return await describeOn(executorQueue)(requestId);
  } catch (error) {
    if (error instanceof ApplicationFailure) throw error;
    return { ok: false, code: "POLICY_FACTS_UNAVAILABLE", detail: "no executor described the action in time" };
  }
}

export async function enterEvaluated(
  journal: Journal,
  request: Submission,
  parties: Parties,
  description: Description,
): Promise<Entered<Opened>> {
  const { requestId, digest } = request;
  const evaluated = await persist(() => local.evaluate({ requestId, submission: request, description }));
  const follow = (cause: Cause, at: number): Opened => {
    if (cause.kind === "undescribed") return undescribed(cause);
    expectKind(cause, "evaluated");
    const { evaluation, roster } = cause.evaluated;
    const asked = evaluatedHappening(cause.evaluated);
    if (evaluation.outcome === "deny") {
      const outcome = deniedBy(evaluation.reasons);
      return { ...ended(outcome), happened: [asked, ...ended(outcome).happened], evaluated: cause.evaluated };
    }
    const opened = open({ requestId, digest, parties, evaluation, roster, openedAt: at });
    const { state, effects } = opened;
    const happened = [asked, ...opened.happened];
    return { happened, state, outcome: state.outcome, effects, evaluated: cause.evaluated };
  };
  return journal.enter({ kind: "evaluated", evaluated, factsDigest: evaluated.evaluation.factsDigest }, follow, {
    description,
  });
}

export function enterUndescribed(
  journal: Journal,
  request: Submission,
  described: Described & { ok: false },
): Promise<Entered<Opened>> {
  const { code, detail } = described;
  const follow = (cause: Cause): Opened => {
    expectKind(cause, "undescribed", request.requestId);
    return undescribed(cause);
  };
  return journal.enter({ kind: "undescribed", code, detail }, follow);
}

export function evaluatedAnswer(request: Submission, opened: Opened): EvaluatedAnswer {
  const { requestId, digest } = request;
  const evaluation = opened.evaluated?.evaluation;
  const reasons = (evaluation?.reasons ?? opened.outcome?.reasons ?? []).map(({ code, note }) => ({ code, note }));
  const outcome = evaluation?.outcome ?? "deny";
  return { requestId, digest, outcome, reasons, requirement: evaluation?.requirement ?? null };
}

export function refusedAnswer(request: Submission, code: string): EvaluatedAnswer {
  const { requestId, digest } = request;
  return { requestId, digest, outcome: "refused", reasons: [{ code, note: null }], requirement: null };
}

function undescribed(cause: Cause & { kind: "undescribed" }): Opened {
  return { ...ended(deniedBy([{ code: cause.code, rule: null, note: cause.detail }])), evaluated: null };
}

function evaluatedHappening({ evaluation, configurationVersion }: Evaluated): Happening {
  const { outcome, policyDigest, factsDigest } = evaluation;
  const data = { outcome, policyDigest, factsDigest, configurationVersion };
  return { type: "request.evaluated", by: null, reasons: evaluation.reasons, data };
}

function ended(outcome: Outcome): Followed {
  const happened: Happening[] = [{ type: "request.denied", by: null, reasons: outcome.reasons, data: {} }];
  return { happened, state: null, outcome, effects: [] };
}

function deniedBy(reasons: Outcome["reasons"]): Outcome {
  return { status: "denied", reasons, decidedBy: "policy", people: [], report: null };
}

function expectKind<K extends Cause["kind"]>(
  cause: Cause,
  kind: K,
  where = "the opening",
): asserts cause is Cause & { kind: K } {
  if (cause.kind !== kind) {
    throw ApplicationFailure.nonRetryable(
      `the record of ${where} holds "${cause.kind}", not "${kind}"`,
      "HISTORY_FORKED",
    );
  }
}
