import type { Client } from "@temporalio/client";
import type { RequestView } from "../api/contract/request.ts";
import { FEW_ROWS } from "../test/support/configuration.ts";
import type { Stack } from "../test/support/stack.ts";
import { historyOf } from "./history-of.ts";
import type { Contender } from "./measure.ts";

export const REVIEWED = "select id, name from customers where id <= 40 order by id";

/** As an agent and a person would do it, over HTTP: the agent waits for the end before anybody has answered. */
export function ours(stack: Stack, client: Client, reviewed: boolean): Contender {
  const agent = stack.as("agent:reporting-bot");
  const alice = stack.as("person:alice");
  let last = "";
  return {
    name: reviewed ? "b ours, reviewed" : "c ours, allowed",
    async run() {
      const asked = performance.now();
      if (!reviewed) {
        const { body } = await agent.ask(FEW_ROWS, { wait: 60 });
        expectStatus(body, "succeeded");
        last = body.id;
        return { askToPendingMs: null, answerToResultMs: performance.now() - asked };
      }
      const { body: pending } = await agent.ask(REVIEWED);
      expectStatus(pending, "pending");
      const askToPendingMs = performance.now() - asked;
      const end = agent.get(`/v1/requests/${pending.id}?wait=60`);
      const { id, digest, factsDigest } = pending;
      const answered = performance.now();
      const review = alice.post(`/v1/requests/${id}/reviews`, { verb: "approve", digest, factsDigest });
      expectStatus((await end).body, "succeeded");
      const answerToResultMs = performance.now() - answered;
      await review;
      last = id;
      return { askToPendingMs, answerToResultMs };
    },
    history: () => historyOf(client, last),
  };
}

function expectStatus({ id, status, reasons, ...rest }: RequestView, wanted: RequestView["status"]): void {
  if (status !== wanted) throw new Error(`${id} is ${status}, not ${wanted}: ${JSON.stringify(reasons ?? rest)}`);
}
