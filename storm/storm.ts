import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { type Stack, startStack } from "../test/support/stack.ts";
import { openCalls } from "./calls.ts";
import type { History } from "./check/history.ts";
import { judge, type Verdict } from "./check/judge.ts";
import { type Observation, observe } from "./check/observation.ts";
import { type Recovery, recoveryOf } from "./check/recovery.ts";
import { runCourse } from "./course.ts";
import { startKiller } from "./disturb.ts";
import { type Plan, planOf } from "./plan.ts";
import { POLICY } from "./policy.ts";
import { type Servers, witnessRuns } from "./servers.ts";

export type StormInput = {
  approvals: number;
  kills: number;
  seed: number;
  minutes: number;
  concurrency: number;
  progress: (line: string) => void;
  /** Rejects when somebody wants it to end now; everything that was started is then ended first. */
  interrupted: Promise<never>;
};

export type Storm = { history: History; observation: Observation; verdict: Verdict; recovery: Recovery };

/** Requests, answers and kills all at once, then a look from outside at what is left of them. */
export async function storm(servers: Servers, input: StormInput): Promise<Storm> {
  const stack = await startStack({
    ...servers,
    policies: POLICY,
    slack: { transport: "http" },
    heartbeatSeconds: HEARTBEAT_SECONDS,
  });
  try {
    await witnessRuns(servers.postgresUrl);
    const history = await Promise.race([rage(stack, planOf(input), input), input.interrupted]);
    const places = { databaseUrl: stack.databaseUrls.admin, exports: join(stack.exports, "crm") };
    const observation = await observe({ ...places, targetLog: servers.targetLog });
    return { history, observation, verdict: judge(history, observation), recovery: recoveryOf(history, observation) };
  } finally {
    await stack.stop();
  }
}

async function rage(stack: Stack, plan: Plan, { minutes, concurrency, progress }: StormInput): Promise<History> {
  const startedAt = Date.now();
  const deadline = startedAt + minutes * 60_000;
  const history: History = { asked: plan.requests, calls: [], disturbances: [], startedAt, endedAt: startedAt };
  const database = postgres(stack.databaseUrls.admin, { max: 4, onnotice: () => undefined });
  const calls = openCalls(stack, database, history.calls, deadline);
  const killer = startKiller(stack, plan.disturbances, history.disturbances);
  const waiting = [...plan.requests];
  let ended = 0;
  const said = () => {
    const seconds = Math.round((Date.now() - startedAt) / 1000);
    progress(`${seconds} s: ${ended} of ${plan.requests.length} ended, ${history.disturbances.length} disturbances`);
  };
  const ticking = setInterval(said, PROGRESS_MS);
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined && Date.now() < deadline; next = waiting.shift()) {
      await killer.mayBegin(next.number);
      await runCourse(calls, next, deadline);
      ended += 1;
    }
  };
  try {
    await Promise.all(Array.from({ length: concurrency }, worker));
    await killer.mayBegin(plan.requests.length);
    await killer.done;
    await settled(database, Math.max(deadline, Date.now() + SETTLE_MS));
  } finally {
    clearInterval(ticking);
    await database.end({ timeout: 1 });
  }
  said();
  history.endedAt = Date.now();
  return history;
}

/** As in production: a machine that is busy with a storm misses shorter ones, and nothing was killed. */
const HEARTBEAT_SECONDS = 10;
const PROGRESS_MS = 5_000;
const SETTLE_MS = 30_000;

/** People see an outcome before the workflow has recorded its end; that, too, has to come. */
async function settled(database: postgres.Sql, deadline: number): Promise<void> {
  while (Date.now() < deadline) {
    const [row] = await database<{ open: number }[]>`
      select count(*)::int as open from requests
      where recorded_status not in ('denied', 'expired', 'withdrawn', 'succeeded', 'failed', 'unknown')`;
    if (row?.open === 0) return;
    await sleep(200);
  }
}
