import type { Verb } from "../../core/message.ts";
import type { PersonId } from "../../core/principal.ts";
import { randomFrom } from "./random.ts";

/** All that goes into one request's life: who says what when, what changes around it, and what goes wrong. */
export type Plan = { seed: number; acts: Act[]; faults: Fault[] };

export type Act = { at: number } & (
  | {
      kind: "says";
      id: string;
      verb: Verb;
      by: PersonId;
      /** How long each copy is on its way; none: all are lost, and only the sender's own retry arrives. */
      copies: number[];
    }
  | { kind: "cancel" }
  | { kind: "ana leaves" | "policy turns stricter" | "facts change" }
  /** The workflow is reset to a place of its history, counted from the start in workflow tasks. */
  | { kind: "reset"; to: number }
);

/** Strikes the effect with this number: a call to the database, a commit of a workflow task, a step of an executor. */
export type Fault = { effect: number; kind: (typeof FAULTS)[number]; forMs: number };
export const FAULTS = ["crash before", "crash after", "failure before", "failure after", "pause"] as const;

type Said = [verb: Verb, by: PersonId];
/** What people mostly do, and the odd one who should not. */
const SAID: readonly Said[] = [
  ["approve", "person:ana"],
  ["approve", "person:ana"],
  ["approve", "person:ben"],
  ["approve", "person:ben"],
  ["approve", "person:cas"],
  ["approve", "person:cas"],
  ["approve", "person:olga"],
  ["approve", "person:rui"],
  ["approve", "person:dan"],
  ["deny", "person:ben"],
  ["flag", "person:cas"],
  ["flag", "person:ben"],
  ["release", "person:aud"],
  ["release", "person:aud"],
  ["release", "person:cas"],
  ["reject", "person:aud"],
  ["withdraw", "person:rui"],
  ["stop", "person:ben"],
  ["extend", "person:ben"],
];
const CHANGES = ["ana leaves", "policy turns stricter", "facts change"] as const;
const MINUTE = 60_000;

export function planOf(seed: number): Plan {
  const random = randomFrom(seed);
  const pace = random.one([MINUTE / 6, MINUTE, 10 * MINUTE]);
  const acts: Act[] = [];
  const saying = 3 + random.below(6);
  // Most days begin with approvals, or nothing would ever come to an attempt.
  const morning: Said[] = random.chance(0.8)
    ? [
        ["approve", "person:ana"],
        ["approve", "person:ben"],
      ]
    : [];
  for (let index = 0; index < saying; index += 1) {
    const [verb, by] = morning[index] ?? random.one(SAID);
    const copies = random.chance(0.1) ? [] : [random.below(3_000)];
    if (random.chance(0.2)) copies.push(random.below(2 * pace));
    if (random.chance(0.1)) copies.push(random.below(10 * pace));
    acts.push({ kind: "says", id: `m${index}`, verb, by, copies, at: random.below(pace) * (index < 2 ? 1 : 4) });
  }
  for (const kind of CHANGES) if (random.chance(0.2)) acts.push({ kind, at: random.below(4 * pace) });
  if (random.chance(0.05)) acts.push({ kind: "cancel", at: random.below(4 * pace) });
  while (random.chance(0.2)) acts.push({ kind: "reset", to: random.below(8), at: random.below(6 * pace) });
  const faults: Fault[] = [];
  const most = random.one([0, 1, 3, 6]);
  for (let index = 0; index < most; index += 1) {
    const forMs = random.one([2_000, 20_000, 5 * MINUTE, 20 * MINUTE]);
    faults.push({ effect: random.below(40), kind: random.one(FAULTS), forMs });
  }
  return { seed, acts: acts.sort((a, b) => a.at - b.at), faults };
}
