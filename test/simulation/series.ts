import { type Plan, planOf } from "./plan.ts";
import { shrunk } from "./shrink.ts";
import { simulate } from "./simulate.ts";
import type { Weakness } from "./weaknesses.ts";

export type Failure = { seed: number; law: string; plan: Plan; story: string[] };
export type Series = {
  requests: number;
  faults: number;
  messages: number;
  claims: number;
  statuses: { [status: string]: number };
  failure: Failure | null;
};

/** Requests one after the other, each from a seed of its own; stops at the first that breaks a law, and shrinks it. */
export function series(from: number, requests: number, weakness: Weakness | null = null): Series {
  const sum: Series = { requests: 0, faults: 0, messages: 0, claims: 0, statuses: {}, failure: null };
  for (let seed = from; seed < from + requests; seed += 1) {
    const plan = planOf(seed);
    const { breaches, faults, messages, claims, status } = simulate(plan, weakness);
    sum.requests += 1;
    sum.faults += faults + plan.acts.filter(({ kind }) => kind === "reset").length;
    sum.messages += messages;
    sum.claims += claims;
    sum.statuses[status] = (sum.statuses[status] ?? 0) + 1;
    const [law] = breaches;
    if (law === undefined) continue;
    const smallest = shrunk(plan, (smaller) => simulate(smaller, weakness).breaches.includes(law));
    return { ...sum, failure: { seed, law, plan: smallest, story: simulate(smallest, weakness).story } };
  }
  return sum;
}
