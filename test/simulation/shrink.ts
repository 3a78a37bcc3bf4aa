import type { Plan } from "./plan.ts";

/** Takes away acts, faults and copies, one by one, as long as the plan still fails: what is left is needed. */
export function shrunk(plan: Plan, fails: (plan: Plan) => boolean): Plan {
  let smallest = plan;
  for (let before = Number.POSITIVE_INFINITY; sizeOf(smallest) < before; ) {
    before = sizeOf(smallest);
    smallest = without(smallest, fails, "acts");
    smallest = without(smallest, fails, "faults");
  }
  return smallest;
}

function without(plan: Plan, fails: (plan: Plan) => boolean, list: "acts" | "faults"): Plan {
  let smallest = plan;
  for (let index = plan[list].length - 1; index >= 0; index -= 1) {
    const smaller: Plan = { ...smallest, [list]: smallest[list].filter((_, at) => at !== index) };
    if (fails(smaller)) smallest = smaller;
  }
  return smallest;
}

function sizeOf({ acts, faults }: Plan): number {
  return acts.length + faults.length;
}
