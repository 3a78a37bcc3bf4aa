import { ACTION, asking, OPENED, OWNER, REQUESTER, rosterWhen } from "./company.ts";
import { hashOf, positionText, stateText } from "./fingerprint.ts";
import { LAWS, STEP_LAWS } from "./laws.ts";
import { NOTHING_SAID } from "./ledger.ts";
import type { Move } from "./messages.ts";
import { type Core, happens, type Position, type Transition, wayTo } from "./position.ts";
import type { World } from "./worlds.ts";

export type Breach = { law: string; way: string[] };
export type Exploration = {
  world: string;
  depth: number;
  /** Different positions reached, the opening among them. */
  states: number;
  /** Steps taken and checked, those that lead to a known position or back to their own among them. */
  transitions: number;
  /** Pairs of approvals tried in both orders. */
  pairs: number;
  /** States by phase of the deliberation. */
  phases: { [phase: string]: number };
  breach: Breach | null;
};

const ORDER = "the order of approvals changes nothing";

/** Every order of every move, layer by layer, up to `depth` moves; stops at the first breach, which is a shortest one. */
export function explore(core: Core, world: World, depth: number): Exploration {
  const known = new Known();
  const found: Exploration = {
    world: world.name,
    depth,
    states: 0,
    transitions: 0,
    pairs: 0,
    phases: {},
    breach: null,
  };
  const meet = (position: Position): boolean => {
    if (!known.add(hashOf(positionText(position)))) return false;
    found.states += 1;
    found.phases[position.state.phase] = (found.phases[position.state.phase] ?? 0) + 1;
    return true;
  };
  let layer = [openingOf(core, world)];
  for (const position of layer) meet(position);
  for (let at = 1; at <= depth && layer.length > 0; at += 1) {
    const next: Position[] = [];
    for (const position of layer) {
      const taken = movesFrom(core, position.state.phase === "ended" ? world.whenOver : world.moves, position);
      found.transitions += taken.length;
      found.breach = firstBreach(core, taken) ?? (at < depth ? orderBreach(core, world.moves, taken, found) : null);
      if (found.breach) return found;
      for (const { after } of taken) if (!isSame(position, after) && meet(after) && at < depth) next.push(after);
    }
    layer = next;
  }
  return found;
}

function openingOf(core: Core, { requirement, parties }: World): Position {
  const opening = { requestId: "req_1", digest: ACTION, evaluation: asking(requirement), openedAt: OPENED };
  const tied = { requester: REQUESTER, owner: OWNER, onBehalfOf: null, ...parties };
  const { state } = core.open({ ...opening, parties: tied, roster: rosterWhen(false) });
  const around = {
    ...{ outstanding: null, executeBy: 0, claim: null, anaHasLeft: false, anaIsOff: false },
    ...{ policy: requirement, rounds: 0, flaggers: [], ledger: NOTHING_SAID },
  };
  return { state, now: OPENED, around, from: null, by: "" };
}

function movesFrom(core: Core, moves: Move[], position: Position): Transition[] {
  return moves.flatMap(({ name, at }) => {
    const occurrence = at(position);
    return occurrence === null ? [] : [happens(core, position, name, occurrence)];
  });
}

function firstBreach(core: Core, transitions: Transition[]): Breach | null {
  for (const transition of transitions) {
    const laws = isSame(transition.before, transition.after) ? STEP_LAWS : LAWS;
    const broken = laws.find((law) => !law.holds(transition, core));
    if (broken) return { law: broken.name, way: wayTo(transition.after) };
  }
  return null;
}

/** Two approvals that both count lead to the same state in either order. */
function orderBreach(core: Core, moves: Move[], taken: Transition[], found: Exploration): Breach | null {
  const approvals = taken.filter(isFirstAnswer);
  for (const [index, one] of approvals.entries()) {
    for (const other of approvals.slice(index + 1)) {
      const [both, swapped] = [second(core, moves, one, other), second(core, moves, other, one)];
      if (both === null || swapped === null) continue;
      found.pairs += 1;
      if (stateText(both.state) !== stateText(swapped.state)) return { law: ORDER, way: wayTo(both) };
    }
  }
  return null;
}

function second(core: Core, moves: Move[], first: Transition, then: Transition): Position | null {
  if (approver(first) === approver(then)) return null;
  const move = moves.find(({ name }) => name === then.after.by);
  const occurrence = move?.at(first.after) ?? null;
  if (occurrence === null) return null;
  const { result, after } = happens(core, first.after, then.after.by, occurrence);
  return result.answer?.recorded ? after : null;
}

/** Whoever answers again replaces what they said, and of their own two answers the order does matter. */
function isFirstAnswer({ occurrence, result, before }: Transition): boolean {
  if (occurrence.kind !== "event" || occurrence.event.kind !== "approve" || result.state === before.state) return false;
  const { by, off = [] } = occurrence.event.message;
  // News that an account has been switched off is heard by whoever comes after it.
  return off.length === 0 && !before.around.ledger.approvals.some(({ person }) => person === by);
}

function approver({ occurrence }: Transition): string {
  return occurrence.kind === "event" && "message" in occurrence.event ? occurrence.event.message.by : "";
}

function isSame(before: Position, after: Position): boolean {
  return before.state === after.state && before.now === after.now && before.around === after.around;
}

/** A set of hashes beyond what one Set can hold. */
class Known {
  private readonly shards = Array.from({ length: 16 }, () => new Set<number>());

  add(hash: number): boolean {
    const shard = this.shards[hash % 16] as Set<number>;
    const before = shard.size;
    return shard.add(hash).size > before;
  }
}
