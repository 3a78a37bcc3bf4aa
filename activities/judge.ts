import { configurationAsOf, targetOf } from "../config/configuration.ts";
import type { Description, Evaluation } from "../core/evaluation.ts";
import { agentOf, isPerson } from "../core/principal.ts";
import type { JsonObject, Submission } from "../core/request.ts";
import type { Roster } from "../core/requirement.ts";
import { digestOf } from "../crypto/digest.ts";
import type { InForce } from "./context.ts";
import { groupsOf, rosterOf, standingOf } from "./standing.ts";

export type Judgement = { evaluation: Evaluation; facts: JsonObject; roster: Roster };

/**
 * Joins facts and asks the policy in force. The workflow's `evaluate` and the executor's gate call
 * this same function, so that both judge alike; neither believes the other's answer.
 */
export function judge(inForce: InForce, submission: Submission, description: Description, now: number): Judgement {
  const facts = factsOf(inForce, submission, description);
  const { type } = submission.action;
  const factsDigest = digestOf(facts);
  const answer = inForce.policies.evaluate(facts, { actionType: type, now, factsDigest });
  const evaluation = requireJustification(answer, submission);
  // Whoever a chat's user group has brought in by now can answer: without them a slot would look as if nobody could.
  const roster = rosterOf(configurationAsOf(inForce.configuration, now), groupsOf(evaluation.requirement), []);
  return { evaluation, facts, roster };
}

function factsOf({ configuration }: InForce, submission: Submission, description: Description): JsonObject {
  const { requester, onBehalfOf, action } = submission;
  const standing = standingOf(configuration, requester);
  const target = targetOf(configuration, action.target);
  return {
    ...description.facts,
    subject: {
      id: requester,
      kind: isPerson(requester) ? "person" : "agent",
      groups: standing.ok ? standing.groups : [],
      owner: agentOf(configuration.directory, requester)?.owner ?? "",
      on_behalf_of: onBehalfOf ?? "",
    },
    target: {
      name: action.target,
      environment: target?.environment ?? "",
      external: target?.external ?? true,
    },
    action: { type: action.type, mode: "execute" },
    args: action.arguments,
  };
}

/** The policy says that a justification is needed; whoever holds the submission sees that none came. */
function requireJustification(evaluation: Evaluation, submission: Submission): Evaluation {
  const wanted = evaluation.outcome === "review" && evaluation.requirement?.justification === "required";
  if (!wanted || (submission.justification ?? "").trim() !== "") return evaluation;
  const reason = { code: "POLICY_JUSTIFICATION_REQUIRED", rule: null, note: null };
  return { ...evaluation, outcome: "deny", requirement: null, reasons: [reason, ...evaluation.reasons] };
}
