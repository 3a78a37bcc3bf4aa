import { setTimeout as sleep } from "node:timers/promises";
import type { Stack } from "../test/support/stack.ts";
import type { Disturbance } from "./check/history.ts";
import type { DisturbancePlan } from "./plan.ts";

/** The killer: takes its plan one by one; nobody begins a request before what is planned for it has fallen. */
export type Killer = {
  mayBegin(number: number): Promise<void>;
  /** Resolves when all has fallen and everybody is back. */
  done: Promise<void>;
};

export function startKiller(stack: Stack, plans: DisturbancePlan[], noted: Disturbance[]): Killer {
  const fallen = plans.map(() => openGate());
  let begun = 0;
  const reached = plans.map(() => openGate());

  async function run(): Promise<void> {
    for (const [index, plan] of plans.entries()) {
      await reached[index]?.promise;
      await sleep(plan.delayMs);
      await disturb(stack, plan, noted, () => fallen[index]?.resolve());
    }
  }

  return {
    async mayBegin(number) {
      begun = Math.max(begun, number);
      for (const [index, { before }] of plans.entries()) if (before <= begun) reached[index]?.resolve();
      await Promise.all(plans.map(({ before }, index) => (before <= number ? fallen[index]?.promise : undefined)));
    },
    done: run(),
  };
}

async function disturb(
  stack: Stack,
  { how, victims, downMs }: DisturbancePlan,
  noted: Disturbance[],
  fell: () => void,
): Promise<void> {
  const at = Date.now();
  await Promise.all(victims.map((victim) => stack.kill(victim, how === "kill" ? "SIGKILL" : "SIGSTOP")));
  fell();
  await sleep(downMs);
  const back = async (victim: (typeof victims)[number]) => {
    if (how === "kill") await stack.start(victim);
    else await stack.kill(victim, "SIGCONT");
    noted.push({ process: victim, how, at, backAt: Date.now() });
  };
  await Promise.all(victims.map(back));
}

type Gate = { promise: Promise<void>; resolve(): void };

function openGate(): Gate {
  const gate: Gate = { promise: Promise.resolve(), resolve: () => undefined };
  gate.promise = new Promise((resolve) => {
    gate.resolve = resolve;
  });
  return gate;
}
