import { open, step, wakeAt } from "../../core/deliberation.ts";
import type {
  Answer,
  Deliberation,
  DeliberationEvent,
  Effect,
  ExecutionReport,
  GateRefusal,
  Outcome,
  Settlement,
} from "../../core/deliberation-types.ts";
import type { Evaluation } from "../../core/evaluation.ts";
import type { Roster } from "../../core/requirement.ts";
import { ACTION, OWNER, REQUESTER } from "../core/explore/company.ts";
import type { Entry, RecordInput } from "./database.ts";
import type { Admission, Spoken } from "./people.ts";
import type { Weakness } from "./weaknesses.ts";

/** What workflows/deliberate.ts does, as commands to a server that can forget everything it did not commit. */
export type Executed = { kind: "ended"; report: ExecutionReport } | { kind: "refused"; refusal: GateRefusal };
export type Item =
  | { kind: "message"; said: Spoken }
  | { kind: "executed"; attempt: number; executed: Executed }
  | { kind: "lost"; attempt: number }
  | { kind: "cancelled" };
export type Cause =
  | { kind: "evaluated"; evaluation: Evaluation; roster: Roster }
  | { kind: "step"; event: DeliberationEvent }
  | { kind: "refused"; id: string };
export type Command =
  | { kind: "now" }
  | { kind: "evaluate" }
  | { kind: "admit"; said: Spoken }
  | { kind: "record"; input: RecordInput }
  | { kind: "settle"; attempt: number }
  | { kind: "start"; attempt: number; executeBy: number }
  | { kind: "answer"; id: string; answer: Answer }
  | { kind: "wait"; until: number | null };
/** What a command is answered with; the generator knows which belongs to which. */
export type Told = unknown;
type Run<T> = Generator<Command, T, Told>;

type Followed = { happened: unknown[]; state: Deliberation; effects: Effect[]; answer: Answer | null };
type Talk = { seq: number; state: Deliberation; back: Item[]; weakness: Weakness | null };

export function* deliberation(weakness: Weakness | null): Run<Outcome> {
  const evaluated = (yield { kind: "evaluate" }) as { evaluation: Evaluation; roster: Roster };
  const unopened = { seq: 0, back: [] as Item[], weakness };
  const entered = yield* enter(unopened, { kind: "evaluated", ...evaluated }, opened, null);
  const talk: Talk = { ...unopened, seq: 1, state: entered.state };
  yield* perform(talk, entered.effects);
  while (talk.state.phase !== "ended") {
    const item = talk.back.shift() ?? ((yield { kind: "wait", until: wakeAt(talk.state) }) as Item | null);
    if (item === null) yield* takeEvent(talk, { kind: "tick" }, null, null);
    else yield* takeItem(talk, item);
  }
  return talk.state.outcome as Outcome;
}

function opened(cause: Cause, at: number): Followed {
  if (cause.kind !== "evaluated") throw new Error(`the record opens with "${cause.kind}"`);
  const parties = { requester: REQUESTER, owner: OWNER, onBehalfOf: null };
  const { evaluation, roster } = cause;
  return open({ requestId: "req_1", digest: ACTION, parties, evaluation, roster, openedAt: at });
}

function* takeItem(talk: Talk, item: Item): Run<void> {
  switch (item.kind) {
    case "cancelled":
      return void (yield* takeEvent(talk, { kind: "cancelled" }, item, null));
    case "executed": {
      const { attempt, executed } = item;
      if (executed.kind === "ended") {
        return void (yield* takeEvent(talk, { kind: "executed", attempt, report: executed.report }, item, null));
      }
      // An earlier try of this attempt may still be somewhere between its gate and its claim.
      const settles = talk.weakness !== "a refusal leaves its attempt open";
      const closed = settles ? ((yield { kind: "settle", attempt }) as Settlement) : { won: true as const };
      const { refusal } = executed;
      const event: DeliberationEvent = closed.won ? { kind: "gateRefused", attempt, refusal } : known(attempt, closed);
      return void (yield* takeEvent(talk, event, item, null));
    }
    case "lost": {
      const settlement = (yield { kind: "settle", attempt: item.attempt }) as Settlement;
      return void (yield* takeEvent(talk, known(item.attempt, settlement), item, null));
    }
    case "message":
      return yield* takeMessage(talk, item);
  }
}

function* takeMessage(talk: Talk, item: Item & { kind: "message" }): Run<void> {
  const { said } = item;
  const admission = (yield { kind: "admit", said }) as Admission;
  if (!admission.ok) {
    const entered = yield* enter(
      talk,
      { kind: "refused", id: said.id },
      (cause, at) => following(talk, cause, at),
      null,
    );
    talk.state = entered.state;
    yield* perform(talk, entered.effects);
    if (entered.adopted) talk.back.unshift(item);
    else yield { kind: "answer", id: said.id, answer: { recorded: false, code: "REVIEW_INACTIVE" } };
    return;
  }
  const { message, roster } = admission;
  const answer = yield* takeEvent(talk, { kind: message.verb, message, roster }, item, said);
  if (answer === "putBack") return;
  yield { kind: "answer", id: said.id, answer: answer ?? { recorded: true, code: talk.state.phase } };
}

function* takeEvent(
  talk: Talk,
  event: DeliberationEvent,
  item: Item | null,
  said: Spoken | null,
): Run<Answer | null | "putBack"> {
  const preview = step(talk.state, event, (yield { kind: "now" }) as number);
  if (preview.happened.length === 0 && preview.effects.length === 0) {
    talk.state = preview.state;
    return preview.answer;
  }
  const refused = preview.answer !== null && !preview.answer.recorded;
  const entered = yield* enter(talk, { kind: "step", event }, (c, at) => following(talk, c, at), refused ? null : said);
  talk.state = entered.state;
  const settled = yield* perform(talk, entered.effects);
  if (!entered.adopted) return entered.answer ?? settled;
  if (item) talk.back.unshift(item);
  return "putBack";
}

function following({ state }: Talk, cause: Cause, at: number): Followed {
  if (cause.kind === "refused") return { happened: [cause.id], state, effects: [], answer: null };
  if (cause.kind !== "step") throw new Error(`the record holds "${cause.kind}" in a deliberation`);
  return step(state, cause.event, at);
}

/** workflows/journal.ts: what stands already is followed instead of contradicted. */
function* enter(
  talk: { seq: number },
  cause: Cause,
  follow: (cause: Cause, at: number) => Followed,
  message: Spoken | null,
): Run<Followed & { adopted: boolean }> {
  const at = (yield { kind: "now" }) as number;
  const write = (entry: Entry, { state }: Followed, said: Spoken | null): Command => ({
    kind: "record",
    input: { seq: talk.seq, entry, state, outcome: state.outcome, message: said },
  });
  const ours = follow(cause, at);
  const standing = (yield write({ at, cause, happened: ours.happened }, ours, message)) as Entry | null;
  if (standing === null) {
    talk.seq += 1;
    return { ...ours, adopted: false };
  }
  const theirs = follow(standing.cause, standing.at);
  if (JSON.stringify(theirs.happened) !== JSON.stringify(standing.happened)) {
    throw new Error(`entry ${talk.seq} of the record cannot follow here`);
  }
  if ((yield write(standing, theirs, null)) !== null) throw new Error(`entry ${talk.seq} of the record has moved`);
  talk.seq += 1;
  return { ...theirs, adopted: true };
}

function* perform(talk: Talk, effects: Effect[]): Run<Answer | null> {
  let answer: Answer | null = null;
  for (const effect of effects) {
    if (effect.kind === "start") yield { kind: "start", attempt: effect.attempt, executeBy: effect.executeBy };
    if (effect.kind !== "settle") continue;
    const settlement = (yield { kind: "settle", attempt: effect.attempt }) as Settlement;
    const settled = yield* takeEvent(talk, { kind: "settled", settlement }, null, null);
    answer = settled === "putBack" ? null : settled;
  }
  return answer;
}

function known(attempt: number, settlement: Settlement): DeliberationEvent {
  if (!settlement.won) {
    const unknown: ExecutionReport = {
      ...{ status: "unknown", code: "EXEC_UNKNOWN", detail: null, result: null, startedAt: null, endedAt: null },
    };
    return { kind: "executed", attempt, report: settlement.report ?? unknown };
  }
  const none = { evaluation: null, factsDigest: null, voidReviewsBefore: false, roster: [] };
  const refusal: GateRefusal = { disposition: "expired", code: "TIME_NOT_STARTED", detail: null, reasons: [], ...none };
  return { kind: "gateRefused", attempt, refusal };
}
