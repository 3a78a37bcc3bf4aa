import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Client } from "@temporalio/client";
import { CONFIGURATION, FEW_ROWS } from "../../test/support/configuration.ts";
import type { Stack } from "../../test/support/stack.ts";
import { historyOf } from "../history-of.ts";
import type { Contender } from "../measure.ts";
import { REVIEWED } from "../ours.ts";
import { pendingUpdate, plainAction, plainApproval, reviewSignal } from "./workflows.ts";

type Plain = { approval: Contender; action: Contender; pids: { [name: string]: number }; stop(): Promise<void> };

/** A worker process, and a client that starts, signals and waits for the result. */
export async function plain(stack: Stack, client: Client): Promise<Plain> {
  const exports = join(stack.directory, "plain");
  mkdirSync(join(exports, "crm"), { recursive: true });
  const env = {
    PATH: process.env.PATH ?? "",
    BENCH_ADDRESS: stack.temporalAddress,
    BENCH_NAMESPACE: stack.namespace,
    BENCH_EXPORTS: exports,
    BENCH_CONFIGURATION: CONFIGURATION,
    CRM_DESCRIBE_URL: stack.crm.describeUrl,
    CRM_EXPORT_URL: stack.crm.exportUrl,
  };
  const script = fileURLToPath(new URL("./worker.ts", import.meta.url));
  const worker = spawn(process.execPath, [script], { env, stdio: ["ignore", "pipe", "inherit"] });
  await once(worker.stdout, "data");
  worker.stdout.resume();
  let last = "";
  const start = async (workflow: typeof plainApproval, name: string, statement: string) => {
    last = `${name}-${process.pid}-${++started}`;
    return client.workflow.start(workflow, { workflowId: last, taskQueue: "plain", args: [last, statement] });
  };
  return {
    approval: {
      name: "a plain approval",
      async run() {
        const asked = performance.now();
        const handle = await start(plainApproval, "approval", REVIEWED);
        await handle.executeUpdate(pendingUpdate);
        const askToPendingMs = performance.now() - asked;
        const end = handle.result();
        const answered = performance.now();
        const signal = handle.signal(reviewSignal, true);
        await end;
        const answerToResultMs = performance.now() - answered;
        await signal;
        return { askToPendingMs, answerToResultMs };
      },
      history: () => historyOf(client, last),
    },
    action: {
      name: "d plain action",
      async run() {
        const asked = performance.now();
        const handle = await start(plainAction, "action", FEW_ROWS);
        await handle.result();
        return { askToPendingMs: null, answerToResultMs: performance.now() - asked };
      },
      history: () => historyOf(client, last),
    },
    pids: { "plain worker": worker.pid ?? 0 },
    async stop() {
      const gone = once(worker, "exit");
      worker.kill("SIGTERM");
      await gone;
    },
  };
}

let started = 0;
