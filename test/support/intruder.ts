import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Client, Connection } from "@temporalio/client";
import { defaultPayloadConverter, type Payload } from "@temporalio/common";
import { msToTs } from "@temporalio/common/lib/time.js";
import proto from "@temporalio/proto";
import { executorQueue } from "../../config/configuration.ts";
import { loadKeyring } from "../../crypto/keyring.ts";
import { createPayloadCodec } from "../../crypto/payload-codec.ts";
import { connect, type Database } from "../../db/client.ts";
import { TASK_QUEUE, WORKFLOW_TYPE } from "../../workflows/messages.ts";
import { HISTORY_KEYRING } from "./histories.ts";
import type { Stack } from "./stack.ts";

type Service = Connection["workflowService"];
export type Command = NonNullable<Parameters<Service["respondWorkflowTaskCompleted"]>[0]["commands"]>[number];
export type WorkflowTask = Awaited<ReturnType<Service["pollWorkflowTaskQueue"]>>;

/** Somebody who reaches Temporal and nothing else: no key, no database, no credential. */
export type Intruder = {
  client: Client;
  /** Starts the real workflow with whatever it is given. */
  start(workflowId: string, ...args: unknown[]): Promise<void>;
  /** Sends what no converter would make. */
  signalRaw(workflowId: string, name: string, payloads: Payload[]): Promise<void>;
  /** Takes a task of somebody else's queue, as a worker would. */
  takeWorkflowTask(queue: string): Promise<WorkflowTask>;
  complete(task: WorkflowTask, commands: Command[]): Promise<void>;
  /** Takes an activity of somebody else's queue and answers it with whatever it likes; says which it was. */
  answerActivity(queue: string, result: unknown): Promise<string>;
  /** Has a workflow of its own schedule an activity, and says what became of it. */
  schedule(activity: string, input: unknown, queue?: string): Promise<Scheduled>;
  /** What became of an activity it scheduled. The test reads it with our keys, which the intruder has not. */
  activityResult(task: WorkflowTask): Promise<Scheduled>;
  close(): Promise<void>;
};

/** `null`: it was not run before its time was up. */
export type Scheduled = { result: unknown } | { failure: string } | null;

export const EXECUTOR_QUEUE = executorQueue("production");

const POLL_MS = 60_000;

export async function intruderIn(stack: Stack): Promise<Intruder> {
  const connection = await Connection.connect({ address: stack.temporalAddress });
  const { namespace } = stack;
  const client = new Client({ connection, namespace });
  const service = connection.workflowService;
  let own = 0;

  const takeWorkflowTask = async (queue: string): Promise<WorkflowTask> => {
    for (;;) {
      const polled = { namespace, taskQueue: { name: queue }, identity: "intruder" };
      const task = await connection.withDeadline(Date.now() + POLL_MS, () => service.pollWorkflowTaskQueue(polled));
      if (task.taskToken?.length) return task;
    }
  };
  const complete = async ({ taskToken }: WorkflowTask, commands: Command[]): Promise<void> => {
    await service.respondWorkflowTaskCompleted({ namespace, taskToken, identity: "intruder", commands });
  };
  return {
    client,
    async start(workflowId, ...args) {
      await client.workflow.start(WORKFLOW_TYPE, { workflowId, taskQueue: TASK_QUEUE, args });
    },
    async signalRaw(workflowId, signalName, payloads) {
      const workflowExecution = { workflowId };
      await service.signalWorkflowExecution({ namespace, workflowExecution, signalName, input: { payloads } });
    },
    takeWorkflowTask,
    complete,
    async answerActivity(queue, result) {
      for (;;) {
        const polled = { namespace, taskQueue: { name: queue }, identity: "intruder" };
        const task = await connection.withDeadline(Date.now() + POLL_MS, () => service.pollActivityTaskQueue(polled));
        const { taskToken } = task;
        if (!taskToken?.length) continue;
        const answer = { namespace, taskToken, identity: "intruder", result: { payloads: [plain(result)] } };
        await service.respondActivityTaskCompleted(answer);
        return task.activityType?.name ?? "";
      }
    },
    async schedule(activity, input, queue = EXECUTOR_QUEUE) {
      const taskQueue = `intruder-${process.pid}-${own++}`;
      await client.workflow.start("theirs", { workflowId: taskQueue, taskQueue });
      await complete(await takeWorkflowTask(taskQueue), [scheduleCommand(activity, input, queue)]);
      const task = await takeWorkflowTask(taskQueue);
      await complete(task, [completeCommand()]);
      return whatBecameOf(task);
    },
    activityResult: whatBecameOf,
    close: () => connection.close(),
  };
}

export const { CommandType } = proto.temporal.api.enums.v1;

export function scheduleCommand(activity: string, input: unknown, queue: string): Command {
  return {
    commandType: CommandType.COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK,
    scheduleActivityTaskCommandAttributes: {
      activityId: `of-the-intruder-${activity}`,
      activityType: { name: activity },
      taskQueue: { name: queue },
      input: { payloads: [plain(input)] },
      // Nobody is to take it from any other queue.
      scheduleToCloseTimeout: msToTs(queue === EXECUTOR_QUEUE ? "30s" : "1s"),
      startToCloseTimeout: msToTs("30s"),
      retryPolicy: { maximumAttempts: 1 },
    },
  };
}

export function completeCommand(...result: unknown[]): Command {
  return {
    commandType: CommandType.COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION,
    completeWorkflowExecutionCommandAttributes: { result: { payloads: result.map(plain) } },
  };
}

/** What it knows how to write: clear JSON. */
export function plain(value: unknown): Payload {
  return defaultPayloadConverter.toPayload(value);
}

async function whatBecameOf({ history }: WorkflowTask): Promise<Scheduled> {
  for (const event of (history?.events ?? []).toReversed()) {
    const [result] = event.activityTaskCompletedEventAttributes?.result?.payloads ?? [];
    if (result) {
      const [clear] = await createPayloadCodec(loadKeyring(HISTORY_KEYRING)).decode([result as Payload]);
      return { result: defaultPayloadConverter.fromPayload(clear as Payload) };
    }
    const failed = event.activityTaskFailedEventAttributes;
    if (failed) return { failure: failed.failure?.message ?? "" };
  }
  return null;
}

/** What of a request has happened for real. */
export async function traces(stack: Stack, requestId: string): Promise<{ claims: number; files: string[] }> {
  return withDatabase(stack, async ({ sql }) => {
    const rows = await sql`select 1 from executions where request_id = ${requestId} and status = 'claimed'`;
    const directory = join(stack.exports, "crm");
    const files = existsSync(directory) ? readdirSync(directory).filter((name) => name.includes(requestId)) : [];
    return { claims: rows.length, files };
  });
}

export const NOTHING = { claims: 0, files: [] };

/** As whoever owns the tables, or one of the two roles. */
export async function withDatabase<T>(
  stack: Stack,
  work: (database: Database) => Promise<T>,
  role: keyof Stack["databaseUrls"] = "admin",
): Promise<T> {
  const database = connect(stack.databaseUrls[role], { max: 1 });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}
