import { createRandom } from "../test/support/random.ts";
import { COURSES, type Course } from "./check/history.ts";

/** Everything that is left to chance, decided before anything starts: the same seed plans the same storm. */
export type Plan = { requests: RequestPlan[]; disturbances: DisturbancePlan[] };

export type RequestPlan = {
  number: number;
  course: Course;
  /** In the statement, so that the target's log tells which request it ran. */
  marker: string;
  /** Of two who could answer, who does. */
  first: boolean;
  /** How long people think, in turn. */
  thinkMs: [number, number];
};

export type Victim = "api" | "workflows" | "executor" | "channels";

export type DisturbancePlan = {
  /** Falls when this request begins; no later one begins before. */
  before: number;
  delayMs: number;
  how: "kill" | "pause";
  victims: Victim[];
  /** Until it is started again, or goes on. */
  downMs: number;
};

export function planOf({ approvals, kills, seed }: { approvals: number; kills: number; seed: number }): Plan {
  const random = createRandom(seed);
  const upTo = (limit: number) => Math.floor(random() * limit);
  const requests = Array.from({ length: approvals }, (_, number) => ({
    number,
    course: pick(LIKELY, random()),
    marker: `'storm-${seed}-${number}'`,
    first: random() < 0.5,
    thinkMs: [upTo(400), upTo(400)] as [number, number],
  }));
  const disturbances = Array.from({ length: kills }, () => {
    const victims = pick(VICTIMS, random());
    const paused = victims.length === 1 && victims[0] === "executor" && random() < 0.3;
    const how = paused ? ("pause" as const) : ("kill" as const);
    return { before: 1 + upTo(approvals), delayMs: upTo(800), how, victims, downMs: upTo(paused ? 6_000 : 1_500) };
  });
  return { requests, disturbances: disturbances.sort((a, b) => a.before - b.before) };
}

function pick<T>(shares: readonly (readonly [number, T])[], at: number): T {
  const total = shares.reduce((sum, [share]) => sum + share, 0);
  let left = at * total;
  for (const [share, what] of shares) {
    left -= share;
    if (left < 0) return what;
  }
  throw new Error("the shares are empty");
}

const LIKELY: readonly (readonly [number, Course])[] = (Object.keys(COURSES) as Course[]).map((course) => [
  course === "approved" || course === "slow" ? 3 : course === "two" || course === "clicked" ? 2 : 1,
  course,
]);

const VICTIMS: readonly (readonly [number, Victim[]])[] = [
  [5, ["workflows"]],
  [6, ["executor"]],
  [4, ["api"]],
  [2, ["channels"]],
  [1, ["workflows", "executor"]],
  [1, ["api", "workflows", "executor", "channels"]],
];
