import type { MessageEvent } from "../../../core/deliberation-types.ts";
import type { PersonId } from "../../../core/principal.ts";
import { canBeSeated, isContended } from "./brute-force.ts";
import { ACTION, GROUPS, OWNER, REQUESTER } from "./company.ts";
import { ledgerKept, widenedRightly } from "./laws-of-the-record.ts";
import { isExcluded } from "./ledger.ts";
import type { Core, Transition } from "./position.ts";

/** What must hold of every step, written without any rule of core. True means that it holds. */
export type Law = {
  name: string;
  holds: (transition: Transition, core: Core) => boolean;
  /** Looks only at where the step leads: a step that changes nothing cannot break it. */
  standing?: true;
};

const SKEW_MS = 5_000;
const MAX_ROUNDS = 3;
const LONGEST_WAIT_MS = 72 * 3_600_000;

const starts = ({ result }: Transition) => result.effects.filter((effect) => effect.kind === "start");
const eventOf = ({ occurrence }: Transition) => (occurrence.kind === "event" ? occurrence.event : null);
const messageEvent = (transition: Transition): MessageEvent | null => {
  const event = eventOf(transition);
  return event !== null && "message" in event ? event : null;
};
/** The message that this step records: the one that came, or the one whose settlement was told. */
const recordedMessage = (transition: Transition): MessageEvent | null => {
  if (!transition.result.answer?.recorded) return null;
  const event = eventOf(transition);
  const said = event?.kind === "settled" ? transition.before.state.settling : event;
  return said && "message" in said ? said : null;
};
const isRecorded = (transition: Transition, verb: string) => {
  const said = recordedMessage(transition);
  const fresh = said !== null && !transition.before.state.seen.includes(said.message.id);
  return fresh && said.kind === verb ? said.message : null;
};
const isAuditor = (by: string) => (GROUPS[by as PersonId] ?? []).includes("group:auditors");
const CALLED_OFF = ["denied", "expired", "withdrawn"];

export const LAWS: Law[] = [
  {
    name: "time alone never approves",
    holds: (transition) => {
      if (eventOf(transition)?.kind !== "tick" || starts(transition).length === 0) return true;
      const { before, after } = transition;
      const widened = JSON.stringify(before.state.widened) !== JSON.stringify(after.state.widened);
      return widened && after.around.ledger.approvals.length >= (after.around.policy?.slots.length ?? 0);
    },
  },
  {
    name: "nothing starts before the requirement is met",
    holds: (transition) => {
      if (starts(transition).length === 0) return true;
      const { state, around } = transition.after;
      return around.policy === null || canBeSeated(around.policy, state.widened, around.ledger);
    },
  },
  {
    name: "nobody waits once all have approved",
    standing: true,
    holds: ({ result, after: { state, around } }) => {
      if (state.phase !== "pending" || result.state !== state || around.policy === null) return true;
      return isContended(around.ledger) || !canBeSeated(around.policy, state.widened, around.ledger);
    },
  },
  {
    name: "nobody who is excluded counts",
    holds: (transition) => {
      const { state, around } = transition.after;
      if (state.reviews.some(({ person }) => person === OWNER || person === REQUESTER)) return false;
      const said = isRecorded(transition, "approve") ?? isRecorded(transition, "deny");
      return said === null || around.policy === null || !isExcluded(around.policy, said.by as PersonId);
    },
  },
  {
    name: "one person fills one slot",
    holds: ({ before, after: { state, around } }) => {
      const { outcome, requirement } = state;
      if (before.state.phase === "ended" || !outcome?.report || outcome.decidedBy !== "people" || !requirement)
        return true;
      const seats = requirement.slots.reduce((sum, { count }) => sum + count, 0);
      const { size } = new Set(outcome.people);
      // Who answers again while it starts, with less standing than before, is missed at the end.
      const full =
        isContended(around.ledger) || !canBeSeated(requirement, state.widened, around.ledger) || size === seats;
      return full && size === outcome.people.length && size <= seats;
    },
  },
  {
    name: "ended stays ended",
    holds: ({ before, result, after }) =>
      before.state.phase !== "ended" ||
      (after.state.phase === "ended" && after.state.outcome === before.state.outcome && result.effects.length === 0),
  },
  {
    name: "one attempt at a time, each with the next number",
    holds: (transition) => {
      const { before, after } = transition;
      const begun = starts(transition);
      if (begun.length === 0) return after.state.attempt === before.state.attempt;
      const event = eventOf(transition);
      const over = event?.kind === "gateRefused" && event.attempt === before.around.outstanding;
      const next = begun[0]?.attempt === before.state.attempt + 1;
      return begun.length === 1 && next && (before.around.outstanding === null || over);
    },
  },
  {
    name: "what is held, called off or over does not start",
    holds: ({ occurrence, before, after, result }) => {
      if (occurrence.kind === "claim") return before.state.phase === "starting" || before.state.phase === "settling";
      const begun = result.effects.some((effect) => effect.kind === "start");
      if (after.state.phase === "held" && (begun || after.around.claim !== null)) return false;
      const released = occurrence.kind === "event" && occurrence.event.kind === "release";
      return !begun || before.state.phase !== "held" || released;
    },
  },
  {
    name: "a flag holds, unless it is too late",
    holds: (transition) => {
      const said = isRecorded(transition, "flag");
      if (said === null) return true;
      const { claim } = transition.before.around;
      return claim === null ? transition.after.state.phase === "held" : transition.after.state.phase !== "held";
    },
  },
  {
    name: "only an auditor who did not flag ends a hold",
    holds: (transition) => {
      const said = isRecorded(transition, "release") ?? isRecorded(transition, "reject");
      const { flaggers } = transition.before.around;
      return said === null || (isAuditor(said.by) && !flaggers.includes(said.by));
    },
  },
  {
    name: "a no that was recorded is a no",
    holds: (transition) => {
      const said = isRecorded(transition, "deny") ?? isRecorded(transition, "reject");
      const gone = said ?? isRecorded(transition, "withdraw");
      if (gone === null) return true;
      const { outcome } = transition.after.state;
      return outcome?.status === (said ? "denied" : "withdrawn") && transition.after.around.claim === null;
    },
  },
  {
    name: "what has started is never called off",
    standing: true,
    holds: ({ after: { state, around } }) =>
      around.claim === null || state.outcome === null || !CALLED_OFF.includes(state.outcome.status),
  },
  {
    name: "only who asked, who owns and operators withdraw",
    holds: (transition) => {
      const said = isRecorded(transition, "withdraw");
      if (said === null) return true;
      return [REQUESTER, OWNER].some((one) => one === said.by) || said.groups.includes("group:operators");
    },
  },
  {
    name: "nobody answers late",
    holds: (transition) => {
      const said = ["approve", "deny", "flag", "extend"].map((verb) => isRecorded(transition, verb)).find(Boolean);
      const { phase, deadlineAt } = transition.before.state;
      return !said || phase !== "pending" || deadlineAt === null || said.signedAt <= deadlineAt + SKEW_MS;
    },
  },
  {
    name: "an answer given in time is heard",
    holds: (transition) => {
      const event = messageEvent(transition);
      const { phase, deadlineAt } = transition.before.state;
      if (event?.kind !== "deny" || phase !== "pending" || event.message.by !== "person:ben") return true;
      const fit = event.message.reason !== null && event.message.signedAt <= (deadlineAt ?? 0);
      return !fit || transition.after.state.outcome?.status === "denied";
    },
  },
  {
    name: "a person answers for this action, on the facts they were shown, where the policy accepts it",
    holds: (transition) => {
      const said = recordedMessage(transition);
      if (said === null || transition.before.state.seen.includes(said.message.id)) return true;
      const { digest, verb, factsDigest, channel } = said.message;
      if (digest !== ACTION) return false;
      if (verb !== "approve") return true;
      const accepted: readonly string[] = transition.before.around.policy?.channels ?? [];
      return factsDigest === transition.before.state.factsDigest && accepted.includes(channel);
    },
  },
  {
    name: "a message counts once, and one that is refused changes nothing",
    holds: (transition) => {
      const event = messageEvent(transition);
      if (event === null) return true;
      const { result, before } = transition;
      const again = before.state.seen.includes(event.message.id);
      const unmoved = result.state === before.state && result.effects.length === 0;
      return (!again && result.answer?.recorded !== false) || unmoved;
    },
  },
  {
    name: "every message is answered, at once or with its settlement",
    holds: (transition) => {
      const settles = transition.result.effects.some((effect) => effect.kind === "settle");
      const event = eventOf(transition);
      if (messageEvent(transition)) return (transition.result.answer === null) === settles;
      const waiting = transition.before.state.settling;
      if (event?.kind !== "settled" || !waiting || !("message" in waiting)) return true;
      return transition.result.answer !== null;
    },
  },
  {
    name: "a settlement is asked for exactly when it begins to matter",
    holds: ({ before, occurrence, result, after }) => {
      const event = occurrence.kind === "event" ? occurrence.event : null;
      const claimTold = event?.kind === "settled" && before.state.phase === "settling" && !event.settlement.won;
      if (claimTold && after.state.phase === "starting" && !after.state.claimSeen) return false;
      if (before.state.claimSeen && after.state.phase === "settling") return false;
      const entered = before.state.phase !== "settling" && after.state.phase === "settling";
      const settles = result.effects.filter((effect) => effect.kind === "settle");
      return settles.length === (entered ? 1 : 0) && settles.every(({ attempt }) => attempt === after.state.attempt);
    },
  },
  {
    name: "a gate sends back three times at most",
    standing: true,
    holds: ({ after: { around } }) => around.rounds <= MAX_ROUNDS,
  },
  {
    name: "the deadline moves only by an extension or a release, and ends at the policy's limit",
    holds: ({ before, occurrence, after }) => {
      const [was, is] = [before.state.deadlineAt, after.state.deadlineAt];
      if (was === null || is === null || is <= was || before.state.requirement === null) return true;
      const kind = occurrence.kind === "event" ? occurrence.event.kind : "";
      const limit = (after.state.requirement?.maxTimeoutSeconds ?? 0) * 1000;
      return kind === "release" || (kind === "extend" && is <= limit);
    },
  },
  {
    name: "at the deadline, at the end of a hold and when an approval runs out, something ends",
    holds: ({ before, occurrence, after }) => {
      if (occurrence.kind !== "event" || occurrence.event.kind !== "tick") return true;
      const { phase, deadlineAt, hold, executeBy, claimSeen } = before.state;
      if (phase === "ended") return true;
      const until = phase === "pending" ? deadlineAt : phase === "held" ? (hold?.expiresAt ?? null) : executeBy;
      if (until === null || occurrence.now < until) return after.state.outcome?.status !== "expired";
      if (phase === "starting") return claimSeen || after.state.phase === "settling";
      return (phase !== "pending" && phase !== "held") || after.state.outcome?.status === "expired";
    },
  },
  {
    name: "every wait has an end",
    standing: true,
    holds: ({ after: { state, now } }, core) => {
      const due = core.wakeAt(state);
      if (state.phase === "settling" || state.phase === "ended") return due === null;
      return state.phase === "starting" && state.claimSeen
        ? due === null
        : due !== null && due <= now + LONGEST_WAIT_MS;
    },
  },
  { name: "the requirement in force is what the policy said last", standing: true, holds: inForce },
  { name: "the newest answer of each person is kept, with what they are now, and nothing else", holds: ledgerKept },
  { name: "a slot is widened in its time, or when nobody else is left", holds: widenedRightly },
];

function inForce({ after: { state, around } }: Transition): boolean {
  return state.phase === "ended" || state.requirement === around.policy;
}

export const STEP_LAWS: readonly Law[] = LAWS.filter(({ standing }) => !standing);
