import { Runtime, Worker } from "@temporalio/worker";
import { createAdmit } from "../activities/admit.ts";
import { createDescribe } from "../activities/describe.ts";
import { createEvaluate } from "../activities/evaluate.ts";
import { createExecute } from "../activities/execute.ts";
import { coded } from "../activities/failure.ts";
import { createRecord } from "../activities/record.ts";
import { createSettle } from "../activities/settle.ts";
import { executorQueue } from "../config/configuration.ts";
import { readSettings } from "../config/env.ts";
import { dataConverter } from "../config/temporal.ts";
import { CountersignError } from "../core/errors.ts";
import { TASK_QUEUE } from "../workflows/messages.ts";
import { workflowBundle } from "./bundle.ts";
import { create, type WorkerContext, type WorkerSettings } from "./context.ts";
import { registerSearchAttributes } from "./search-attributes.ts";

/** One process, one role: `workflows` decides and records, `executor` holds credentials and acts. */
async function main(): Promise<void> {
  const settings = roleSettings(process.env);
  Runtime.install({
    shutdownSignals: ["SIGINT", "SIGTERM"],
    telemetryOptions: { logging: { forward: {}, filter: "WARN" } },
  });
  const context = await create(settings);
  try {
    const worker =
      settings.role === "executor" ? await executorWorker(context, settings) : await workflowsWorker(context, settings);
    context.activities.log.info({ role: settings.role }, "ready");
    await worker.run();
  } finally {
    await context.destroy();
  }
}

function roleSettings(env: NodeJS.ProcessEnv): WorkerSettings {
  const role = env.COUNTERSIGN_ROLE;
  if (role === "workflows" || role === "executor") return readSettings(role, env);
  throw new CountersignError("CONFIGURATION_INVALID", "COUNTERSIGN_ROLE must be workflows or executor.");
}

async function workflowsWorker(context: WorkerContext, settings: WorkerSettings): Promise<Worker> {
  const { activities, connection } = context;
  await registerSearchAttributes(connection, settings.temporal.namespace);
  return Worker.create({
    ...common(context, settings),
    taskQueue: TASK_QUEUE,
    workflowBundle: await workflowBundle(),
    activities: mapValues({
      ...createAdmit(activities),
      ...createEvaluate(activities),
      ...createSettle(activities),
      ...createRecord(activities),
    }),
    // Nobody else's workflow can schedule `record` here: only local activities run.
    enableNonLocalActivities: false,
    // After a kill another worker takes over when this has passed.
    stickyQueueScheduleToStartTimeout: "2s",
  });
}

async function executorWorker(
  context: WorkerContext,
  settings: WorkerSettings & { role: "executor" },
): Promise<Worker> {
  const { activities } = context;
  return Worker.create({
    ...common(context, settings),
    taskQueue: executorQueue(settings.environment),
    activities: mapValues({ ...createDescribe(activities), ...createExecute(activities) }),
    // Stop travels with the answer to a heartbeat, so heartbeats are not held back for long.
    maxHeartbeatThrottleInterval: "2s",
  });
}

function common({ connection }: WorkerContext, settings: WorkerSettings) {
  return {
    connection,
    namespace: settings.temporal.namespace,
    dataConverter: dataConverter(settings),
    shutdownGraceTime: "25s" as const,
  };
}

type Activity = (input: never) => Promise<unknown>;

/** Each of our coded errors reaches Temporal with its code. */
function mapValues(activities: Record<string, Activity>): Record<string, Activity> {
  return Object.fromEntries(Object.entries(activities).map(([name, activity]) => [name, coded(activity)]));
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
