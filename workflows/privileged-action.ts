import { ApplicationFailure, CancellationScope, condition, setHandler, workflowInfo } from "@temporalio/workflow";
import type { Deliberation, Outcome } from "../core/deliberation-types.ts";
import type { Signed, Submission } from "../core/request.ts";
import { local } from "./activity-options.ts";
import { closeInbox } from "./close.ts";
import { deliberate } from "./deliberate.ts";
import { type Inbox, openInbox } from "./inbox.ts";
import { type Journal, openJournal } from "./journal.ts";
import { type EvaluatedAnswer, evaluatedUpdate, type Result, stateQuery } from "./messages.ts";
import {
  describe,
  enterEvaluated,
  enterSubmitted,
  enterUndescribed,
  evaluatedAnswer,
  refusedAnswer,
} from "./opening.ts";
import { persist } from "./persist.ts";
import { showEnd, showSubmission } from "./visible.ts";

/** One privileged action, from the ask to its end: admit → describe → evaluate → deliberate → close. */
export async function privilegedAction(signed: Signed<Submission>): Promise<Result> {
  const story = openStory(workflowInfo().workflowId);

  // Cancel in Temporal is a withdrawal by an operator, taken in its turn like every other message.
  CancellationScope.current().cancelRequested.catch(() => story.inbox.put({ kind: "cancelled" }));
  const outcome = await CancellationScope.nonCancellable(() => tell(story, signed));

  await closeInbox(story.inbox, story.state);
  return { requestId: story.requestId, digest: signed.content.digest, outcome };
}

type Story = {
  requestId: string;
  inbox: Inbox;
  journal: Journal;
  state: Deliberation | null;
  evaluated: EvaluatedAnswer | null;
};

/** State and every handler before the first await: update-with-start delivers at once. */
function openStory(requestId: string): Story {
  const inbox = openInbox(requestId);
  const story: Story = { requestId, inbox, journal: openJournal(requestId), state: null, evaluated: null };
  setHandler(stateQuery, () => story.state);
  setHandler(evaluatedUpdate, async () => {
    await condition(() => story.evaluated !== null);
    return story.evaluated as EvaluatedAnswer;
  });
  return story;
}

async function tell(story: Story, signed: Signed<Submission>): Promise<Outcome> {
  const request = signed?.content;
  if (request?.requestId !== story.requestId) {
    throw ApplicationFailure.nonRetryable(
      "the workflow id is not the request id of the submission",
      "SIGNATURE_INVALID",
    );
  }
  const admission = await persist(() => local.admitSubmission(signed));
  if (!admission.ok) {
    // Nothing is recorded of a submission nobody signed: it is not a request.
    story.evaluated = refusedAnswer(request, admission.code);
    const reasons = [{ code: admission.code, rule: null, note: null }];
    return { status: "denied", reasons, decidedBy: "gate", people: [], report: null };
  }
  await enterSubmitted(story.journal, signed, admission);
  showSubmission(request, admission.environment);

  const described = await describe(admission.executorQueue, story.requestId);
  const opened = described.ok
    ? await enterEvaluated(story.journal, request, admission.parties, described.description)
    : await enterUndescribed(story.journal, request, described);
  story.state = opened.state;
  story.evaluated = evaluatedAnswer(request, opened);

  const outcome =
    opened.state === null
      ? opened.outcome
      : await deliberate({ ...story, state: opened.state, effects: opened.effects, admission }, (state) => {
          story.state = state;
        });
  if (outcome === null) throw ApplicationFailure.nonRetryable("the opening led nowhere", "INTERNAL");
  showEnd(outcome);
  return outcome;
}
