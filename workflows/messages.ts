import { defineQuery, defineSignal, defineUpdate } from "@temporalio/workflow";
import type { Answer, Deliberation, Outcome } from "../core/deliberation-types.ts";
import type { EvaluationOutcome } from "../core/evaluation.ts";
import type { HumanMessage, Verb } from "../core/message.ts";
import type { Digest, Signed, Submission } from "../core/request.ts";
import type { Requirement } from "../core/requirement.ts";

/** The public face of `privilegedAction`: everything a client needs to start it and talk to it. */
export const WORKFLOW_TYPE = "privilegedAction";
export const TASK_QUEUE = "countersign";
/** Where accounts of chats are identified: the channels process. */
export const CHANNELS_QUEUE = "countersign-channels";

export type PrivilegedAction = (submission: Signed<Submission>) => Promise<Result>;
export type Result = { requestId: string; digest: Digest; outcome: Outcome };

/** Answers when the evaluation is recorded; re-attaches to a running and to a closed request. */
export type EvaluatedAnswer = {
  requestId: string;
  digest: Digest;
  outcome: EvaluationOutcome | "refused";
  reasons: { code: string; note: string | null }[];
  requirement: Requirement | null;
};
export const EVALUATED_UPDATE_ID = "evaluated";
export const evaluatedUpdate = defineUpdate<EvaluatedAnswer, []>("evaluated");

/** Message names: `review` carries approve, deny and flag; the others carry their own verb. */
export const MESSAGE_NAMES = ["review", "withdraw", "stop", "extend", "release", "reject"] as const;
export type MessageName = (typeof MESSAGE_NAMES)[number];

/** The signal is for channels that must acknowledge within seconds; the update for those that can wait. */
export const messageSignals = Object.fromEntries(
  MESSAGE_NAMES.map((name) => [name, defineSignal<[Signed<HumanMessage>]>(name)]),
) as Record<MessageName, ReturnType<typeof defineSignal<[Signed<HumanMessage>]>>>;
export const messageUpdates = Object.fromEntries(
  MESSAGE_NAMES.map((name) => [name, defineUpdate<Answer, [Signed<HumanMessage>]>(name)]),
) as Record<MessageName, ReturnType<typeof defineUpdate<Answer, [Signed<HumanMessage>]>>>;

/** Drill-down only; lists and pages come from the database. */
export const stateQuery = defineQuery<Deliberation | null>("state");

export function messageNameOf(verb: Verb): MessageName {
  return verb === "approve" || verb === "deny" || verb === "flag" ? "review" : verb;
}
