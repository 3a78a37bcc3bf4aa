import { executorOf } from "../actions/registry.ts";
import { configurationAsOf } from "../config/configuration.ts";
import type { AdmittedMessage, Deliberation, GateRefusal } from "../core/deliberation-types.ts";
import type { Description } from "../core/evaluation.ts";
import { isPerson } from "../core/principal.ts";
import { replay } from "../core/replay.ts";
import type { Digest, Submission } from "../core/request.ts";
import type { Roster } from "../core/requirement.ts";
import { delegationsUntil } from "../db/delegations.ts";
import type { GateMaterial } from "../db/types.ts";
import { admitMessage, submissionProblem } from "./admit.ts";
import type { ExecutorContext, InForce } from "./context.ts";
import { describeAction } from "./describe.ts";
import { type Judgement, judge } from "./judge.ts";
import { groupsOf, partiesOf, rosterOf } from "./standing.ts";

export type GateAnswer =
  | { open: true; submission: Submission; executeBy: number; judgement: Judgement; description: Description }
  | { open: false; refusal: GateRefusal; description: Description | null };

/**
 * The executor's own check, immediately before the claim. It believes nobody: signatures are
 * verified with keys from this process's own environment, facts are gathered afresh, the policy in
 * force is asked again, and the recorded messages are deliberated again under its answer.
 */
export async function gate(
  context: ExecutorContext,
  inForce: InForce,
  material: GateMaterial,
  signal: AbortSignal,
): Promise<GateAnswer> {
  const { configuration } = inForce;
  const verifier = context.verifier(configuration);
  const problem = await submissionProblem(material.submission, configuration, verifier);
  if (problem !== null) return shut("denied", "EXEC_INTEGRITY", `${problem.code}: ${problem.detail}`);

  const submission = material.submission.content;
  const description = await describeAction(context, inForce, submission, signal);
  const judgement = judge(inForce, submission, description, context.now());
  if (judgement.evaluation.outcome === "deny") {
    const { reasons } = judgement.evaluation;
    const answer = shut("denied", "EXEC_POLICY_CHANGED", "the policy in force denies it now", description);
    return { ...answer, refusal: { ...answer.refusal, reasons } };
  }
  const drift = driftOf(submission, material, description, judgement.evaluation.factsDigest);
  const { state, roster } = await deliberateAgain(context, inForce, material, judgement, drift.stillHolds);
  if (state.phase === "starting" && state.executeBy !== null) {
    return { open: true, submission, executeBy: state.executeBy, judgement, description };
  }
  return { open: false, refusal: refusalOf(state, { ...judgement, roster }, material, drift.sentence), description };
}

type Again = { state: Deliberation; roster: Roster };

/** Replays every recorded message whose signature holds, under the current requirement and directory. */
async function deliberateAgain(
  context: ExecutorContext,
  { configuration }: InForce,
  material: GateMaterial,
  { evaluation }: Judgement,
  stillHolds: (factsDigest: Digest) => boolean,
): Promise<Again> {
  const { requestId, digest, requester, onBehalfOf } = material.submission.content;
  const groups = groupsOf(evaluation.requirement);
  const verifier = context.verifier(configuration);
  const openedAt = evaluation.outcome === "review" ? (material.asked ?? material.openedAt) : material.openedAt;
  const now = context.now();
  // An answer may be weeks old by now, and is judged by the orders of its own moment.
  const first = Math.min(now, ...material.messages.map(({ signed }) => signed.content.signedAt));
  const delegations = await delegationsUntil(context.db, now, first);
  const said: { message: AdmittedMessage; at: number }[] = [];
  for (const { signed, identification, at } of material.messages) {
    const input = { signed, identification, requestId, openedAt, reviewers: [], groups };
    const admission = await admitMessage(input, configuration, verifier, delegations);
    // A message nobody we trust has signed, or somebody who has left has sent, counts for nothing.
    if (admission.ok) said.push({ message: admission.message, at: Math.min(at, now) });
  }
  const reviewers = said.flatMap(({ message }) => [message.by, ...(message.standsFor ?? []).map((one) => one.person)]);
  const roster = rosterOf(configurationAsOf(configuration, openedAt), groups, reviewers.filter(isPerson));
  const parties = partiesOf(configuration, requester, onBehalfOf);
  const opening = { requestId, digest, parties, evaluation, roster, openedAt };
  const messages = said.map((one) => ({ ...one, roster }));
  return { state: replay(opening, messages, now, stillHolds), roster };
}

function driftOf(
  { action }: Submission,
  material: GateMaterial,
  now: Description,
  factsDigest: Digest,
): { stillHolds: (digest: Digest) => boolean; sentence: () => string | null } {
  const sentences = new Map<Digest, string | null>();
  const drifted = executorOf(action.type)?.drifted;
  const sentenceFor = (digest: Digest): string | null => {
    if (digest === factsDigest) return null;
    const then = material.shown.find((shown) => shown.factsDigest === digest);
    if (!then || !drifted) return "What the reviewer was shown is not in the record.";
    return drifted(then.description, now);
  };
  const stillHolds = (digest: Digest): boolean => {
    if (!sentences.has(digest)) sentences.set(digest, sentenceFor(digest));
    return sentences.get(digest) === null;
  };
  const sentence = () => [...sentences.values()].find((text) => text !== null) ?? null;
  return { stillHolds, sentence };
}

function refusalOf(
  state: Deliberation,
  { evaluation, roster }: Judgement,
  material: GateMaterial,
  drift: () => string | null,
): GateRefusal {
  const base = { detail: null, reasons: state.outcome?.reasons ?? [], roster, factsDigest: evaluation.factsDigest };
  const code = state.outcome?.reasons[0]?.code;
  if (state.phase === "ended") {
    const expired = state.outcome?.status === "expired";
    const disposition = expired ? ("expired" as const) : ("denied" as const);
    return { ...base, disposition, code: code ?? "EXEC_NOT_APPROVED", evaluation: null, voidReviewsBefore: false };
  }
  const sentence = drift();
  if (sentence !== null) {
    const again = { disposition: "again" as const, code: "EXEC_PREVIEW_DRIFT", voidReviewsBefore: true };
    return { ...base, ...again, detail: sentence, evaluation };
  }
  const changed = evaluation.policyDigest !== material.policyDigest;
  const again = { disposition: "again" as const, code: changed ? "EXEC_POLICY_CHANGED" : "EXEC_NOT_APPROVED" };
  return { ...base, ...again, evaluation, voidReviewsBefore: false };
}

function shut(
  disposition: GateRefusal["disposition"],
  code: string,
  detail: string,
  description: Description | null = null,
): GateAnswer & { open: false } {
  const none = { reasons: [], evaluation: null, factsDigest: null, voidReviewsBefore: false, roster: [] };
  return { open: false, refusal: { disposition, code, detail, ...none }, description };
}
