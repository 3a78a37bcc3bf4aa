import { type NativeConnection, Runtime, Worker } from "@temporalio/worker";
import { createAdmit } from "../activities/admit.ts";
import { createDescribe } from "../activities/describe.ts";
import { createEvaluate } from "../activities/evaluate.ts";
import { createExecute } from "../activities/execute.ts";
import { coded } from "../activities/failure.ts";
import { createIdentify } from "../activities/identify.ts";
import { createRecord } from "../activities/record.ts";
import { createSettle } from "../activities/settle.ts";
import { executorQueue } from "../config/configuration.ts";
import { readSettings } from "../config/env.ts";
import type { ChannelsSettings } from "../config/settings.ts";
import { dataConverter, workflowDataConverter } from "../config/temporal.ts";
import { CountersignError } from "../core/errors.ts";
import { openChangeFeed } from "../db/read/change-feed.ts";
import { CHANNELS_QUEUE, TASK_QUEUE } from "../workflows/messages.ts";
import { startAnnouncer } from "./announcer.ts";
import { workflowBundle } from "./bundle.ts";
import { createChannels } from "./channels-context.ts";
import { create, type WorkerContext, type WorkerSettings } from "./context.ts";
import { createKeyAlarm } from "./key-alarm.ts";
import { registerSearchAttributes } from "./search-attributes.ts";

/**
 * One process, one role: `workflows` decides and records, `executor` holds credentials and acts, `channels`
 * shows requests in chats and says who answered there.
 */
async function main(): Promise<void> {
  const settings = roleSettings(process.env);
  Runtime.install({
    shutdownSignals: ["SIGINT", "SIGTERM"],
    telemetryOptions: { logging: { forward: {}, filter: "WARN" } },
  });
  if (settings.role === "channels") return runChannels(settings);
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

function roleSettings(env: NodeJS.ProcessEnv): WorkerSettings | ChannelsSettings {
  const role = env.COUNTERSIGN_ROLE;
  if (role === "workflows" || role === "executor" || role === "channels") return readSettings(role, env);
  throw new CountersignError("CONFIGURATION_INVALID", "COUNTERSIGN_ROLE must be workflows, executor or channels.");
}

/** Surfaces are kept right for as long as the process lives, whether Temporal answers or not. */
async function runChannels(settings: ChannelsSettings): Promise<void> {
  const context = await createChannels(settings);
  const feed = openChangeFeed(settings.databaseUrl);
  try {
    const worker = await Worker.create({
      ...common(context, settings),
      taskQueue: CHANNELS_QUEUE,
      activities: mapValues({ ...createIdentify(context.identify) }),
    });
    const announcer = startAnnouncer(context.announce, feed);
    try {
      context.log.info({ role: settings.role }, "ready");
      await worker.run();
    } finally {
      await announcer.close();
    }
  } finally {
    await feed.close();
    await context.destroy();
  }
}

async function workflowsWorker(context: WorkerContext, settings: WorkerSettings): Promise<Worker> {
  const { activities, connection } = context;
  await registerSearchAttributes(connection, settings.temporal.namespace);
  return Worker.create({
    ...common(context, settings),
    dataConverter: workflowDataConverter(settings, createKeyAlarm(activities.log)),
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

function common({ connection }: { connection: NativeConnection }, settings: WorkerSettings | ChannelsSettings) {
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
