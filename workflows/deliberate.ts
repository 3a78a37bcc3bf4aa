import { ApplicationFailure, patched } from "@temporalio/workflow";
import type { Cause, SubmissionAdmission } from "../activities/types.ts";
import { step, wakeAt } from "../core/deliberation.ts";
import type { Answer, Deliberation, DeliberationEvent, Effect, Outcome } from "../core/deliberation-types.ts";
import type { Identification } from "../core/identification.ts";
import { LIMITS } from "../core/limits.ts";
import { isAccount } from "../core/principal.ts";
import type { Signed } from "../core/request.ts";
import { local } from "./activity-options.ts";
import { admitted, refusalOf, relevantGroups } from "./admission.ts";
import { type Attempts, openAttempts } from "./attempts.ts";
import { type Identifying, openIdentifying } from "./identifying.ts";
import type { Inbox, Item, MessageItem } from "./inbox.ts";
import type { Attachments, Followed, Journal } from "./journal.ts";
import { persist } from "./persist.ts";
import { openBoard, wakeSummary } from "./visible.ts";

type Input = {
  requestId: string;
  inbox: Inbox;
  journal: Journal;
  state: Deliberation;
  effects: Effect[];
  admission: SubmissionAdmission & { ok: true };
};

/** One loop: inbox and one timer into `step`, effects out, until `step` says ended. */
export async function deliberate(input: Input, onState: (state: Deliberation) => void): Promise<Outcome> {
  const { inbox } = input;
  const attempts = openAttempts(input.requestId, input.admission, (item) => inbox.put(item));
  const show = openBoard();
  const identifying = openIdentifying((item) => inbox.put(item));
  const talk: Talk = { ...input, attempts, identifying, refusals: 0, show, onState };
  show(talk.state);
  await perform(talk, input.effects);

  while (talk.state.phase !== "ended") {
    const due = wakeAt(talk.state);
    // An answer given in time counts, even when it is not known yet whose it was.
    const wake = due === null ? null : (identifying.heldUntil(due) ?? due);
    const waitMs = wake === null ? null : Math.max(wake - Date.now(), 1);
    const arrived = await inbox.arrival(waitMs, wakeSummary(talk.state, wake));
    // The inbox is emptied before the clock is heard: a click before the deadline counts.
    const item = arrived ? inbox.take() : null;
    if (item) await takeItem(talk, item);
    else await takeEvent(talk, { kind: "tick" });
  }
  attempts.abandon();
  if (talk.state.outcome === null) throw ApplicationFailure.nonRetryable("ended without an outcome", "INTERNAL");
  return talk.state.outcome;
}

type Talk = Input & {
  attempts: Attempts;
  identifying: Identifying;
  refusals: number;
  show: Shown;
  onState: Shown;
};
type Shown = (state: Deliberation) => void;

async function takeItem(talk: Talk, item: Item): Promise<void> {
  switch (item.kind) {
    case "cancelled":
      return void (await takeEvent(talk, { kind: "cancelled" }, item));
    case "executed": {
      const { attempt, executed } = item;
      if (executed.kind === "ended") {
        return void (await takeEvent(talk, { kind: "executed", attempt, report: executed.report }, item));
      }
      const { refusal, description } = executed;
      const started = await whatHasStarted(talk, attempt);
      const event = started ?? { kind: "gateRefused", attempt, refusal };
      return void (await takeEvent(talk, event, item, started ? {} : { description }));
    }
    case "lost":
      return void (await takeEvent(talk, await whatIsKnown(talk, item.attempt), item));
    case "message":
      if (isAccount(item.signed.content.principal)) return askWho(talk, item);
      return takeMessage(talk, item, item, null);
    case "identified": {
      const { item: message, identified } = item;
      if (identified.ok) return takeMessage(talk, message, item, identified.identification);
      const by = message.signed.content.principal.slice(0, 200);
      return enterRefused(talk, message, item, { code: identified.code, by });
    }
    default:
      item satisfies never;
  }
}

/** An account is nobody yet; who has been heard already is not asked for again. */
async function askWho({ state, identifying }: Talk, item: MessageItem): Promise<void> {
  if (state.seen.includes(item.signed.content.id)) item.answer({ recorded: true, code: state.phase });
  else {
    const earlier = state.reviews.flatMap(({ via }) => (via === undefined ? [] : [via]));
    identifying.begin(item, earlier);
  }
}

async function takeMessage(
  talk: Talk,
  { signed, answer: tell }: MessageItem,
  item: Item,
  identification: Signed<Identification> | null,
): Promise<void> {
  const { requestId, state } = talk;
  const { openedAt } = state;
  const reviewers = state.reviews.flatMap(({ person, standsFor = [] }) => [person, ...standsFor.map((o) => o.person)]);
  const admission = await persist(() =>
    local.admitMessage({
      ...{ signed, identification, requestId, openedAt, reviewers },
      groups: relevantGroups(state),
    }),
  );
  if (!admission.ok) return enterRefused(talk, { kind: "message", signed, answer: tell }, item, admission);
  const answer = await takeEvent(talk, admitted(admission), item, { message: signed, identification });
  // Something recorded earlier was followed instead: the message went back to the inbox.
  if (answer !== "putBack") tell(answer ?? { recorded: true, code: talk.state.phase });
}

/** Records the event, follows what stands, performs the effects; the answer may come only with a settlement. */
async function takeEvent(
  talk: Talk,
  event: DeliberationEvent,
  item: Item | null = null,
  attachments: Attachments = {},
): Promise<Answer | null | "putBack"> {
  const preview = step(talk.state, event, Date.now());
  const silent = preview.happened.length === 0 && preview.effects.length === 0;
  const refused = preview.answer !== null && !preview.answer.recorded;
  if (silent || (refused && tooManyRefusals(talk))) {
    setState(talk, preview.state);
    return preview.answer;
  }
  const entered = await talk.journal.enter(
    { kind: "step", event },
    (cause, at) => following(talk.state, cause, at),
    refused ? {} : attachments,
  );
  setState(talk, entered.state ?? talk.state);
  const settled = await perform(talk, entered.effects);
  if (!entered.adopted) return entered.answer ?? settled;
  if (item) talk.inbox.putBack(item);
  return "putBack";
}

/** A message that was not admitted leaves its refusal in the record, and nothing else. */
async function enterRefused(
  talk: Talk,
  { signed, answer }: MessageItem,
  item: Item,
  refused: { code: string; by: string },
): Promise<void> {
  if (tooManyRefusals(talk)) return answer({ recorded: false, code: refused.code });
  const cause: Cause = { kind: "refused", messageId: signed.content.id, code: refused.code, by: refused.by };
  const entered = await talk.journal.enter(cause, (standing, at) => following(talk.state, standing, at));
  setState(talk, entered.state ?? talk.state);
  await perform(talk, entered.effects);
  if (entered.adopted) talk.inbox.putBack(item);
  else answer({ recorded: false, code: refused.code });
}

/** A flood of refused messages must not grow the record without end; each is still answered. */
function tooManyRefusals(talk: Talk): boolean {
  talk.refusals += 1;
  return talk.refusals > LIMITS.refusalsRecordedPerRequest;
}

type FollowedStep = Followed & { answer: Answer | null };

function following(state: Deliberation, cause: Cause, at: number): FollowedStep {
  if (cause.kind === "refused") {
    return { happened: [refusalOf(cause)], state, outcome: null, effects: [], answer: null };
  }
  if (cause.kind !== "step") {
    throw ApplicationFailure.nonRetryable(`the record holds "${cause.kind}" in a deliberation`, "HISTORY_FORKED");
  }
  const next = step(state, cause.event, at);
  return { ...next, outcome: next.state.outcome };
}

/** Effects in order. A settlement is fed back at once, before the inbox is looked at again. */
async function perform(talk: Talk, effects: Effect[]): Promise<Answer | null> {
  let answer: Answer | null = null;
  for (const effect of effects) {
    switch (effect.kind) {
      case "start":
        talk.attempts.start(effect.attempt, effect.executeBy);
        break;
      case "cancel":
        talk.attempts.cancel(effect.attempt);
        break;
      case "settle": {
        const { requestId } = talk;
        const settlement = await persist(() => local.settle({ requestId, attempt: effect.attempt }));
        if (settlement.won) talk.attempts.cancel(effect.attempt);
        const settled = await takeEvent(talk, { kind: "settled", settlement });
        answer = settled === "putBack" ? null : settled;
        break;
      }
      default:
        effect satisfies never;
    }
  }
  return answer;
}

/**
 * A refused attempt is closed before people are asked again: an earlier try of it may have passed its own gate and
 * sleep in a process that wakes up later. null: it never started, and never will.
 */
async function whatHasStarted(talk: Talk, attempt: number): Promise<DeliberationEvent | null> {
  if (!patched("refused-attempts-are-settled")) return null;
  const known = await whatIsKnown(talk, attempt);
  return known.kind === "executed" ? known : null;
}

/** The attempt's activity gave up: the executions table tells whether it ever started. */
async function whatIsKnown({ requestId }: Talk, attempt: number): Promise<DeliberationEvent> {
  const settlement = await persist(() => local.settle({ requestId, attempt }));
  if (settlement.won) {
    const refusal = { disposition: "expired" as const, code: "TIME_NOT_STARTED", detail: null, reasons: [] };
    const none = { evaluation: null, factsDigest: null, voidReviewsBefore: false, roster: [] };
    return { kind: "gateRefused", attempt, refusal: { ...refusal, ...none } };
  }
  const unknown = { status: "unknown" as const, code: "EXEC_UNKNOWN", detail: null, result: null };
  const report = settlement.report ?? { ...unknown, startedAt: null, endedAt: null };
  return { kind: "executed", attempt, report };
}

function setState(talk: Talk, state: Deliberation): void {
  talk.state = state;
  talk.onState(state);
  talk.show(state);
}
