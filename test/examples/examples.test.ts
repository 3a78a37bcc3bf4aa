import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import type { RequestView } from "../../api/contract/request.ts";
import { generateKey, type PrivateJwk } from "../../crypto/signature.ts";
import { CONFIGURATION, ONE_OWNER } from "../support/configuration.ts";
import { HISTORY_KEYRING } from "../support/histories.ts";
import { type Stack, startStack } from "../support/stack.ts";

let stack: Stack;
let program: PrivateJwk;
beforeAll(async () => {
  program = (await generateKey("reporting-program")).privateJwk;
  stack = await startStack({
    postgresUrl: inject("postgresUrl"),
    temporalAddress: inject("temporalAddress"),
    policies: ONE_OWNER,
    configuration: CONFIGURATION.replace(
      "targets: [crm] }",
      `targets: [crm], keys: [{ id: reporting-program, x: "${program.x}" }] }`,
    ),
  });
});
afterAll(() => stack?.stop());

function run(example: string, key: string, env: { [name: string]: string }) {
  const child = spawn(process.execPath, [`examples/${example}`, key], {
    env: { PATH: process.env.PATH ?? "", ...env },
  });
  const code = new Promise<number | null>((resolve) => child.on("close", resolve));
  const output = Promise.all([text(child.stdout), text(child.stderr)]).then((parts) => parts.join(""));
  return { ended: async () => ({ code: await code, output: await output }), kill: () => child.kill("SIGKILL") };
}

const overHttp = async (key: string) =>
  run("agent-over-http.ts", key, {
    COUNTERSIGN_URL: stack.url,
    COUNTERSIGN_TOKEN: await stack.token("agent:reporting-bot"),
  });

/** The request that waits for people now. */
async function pending(): Promise<RequestView> {
  for (let tries = 0; tries < 600; tries++) {
    const { body } = await stack.as("person:alice").get<{ items: RequestView[] }>("/v1/requests?waitingFor=me");
    if (body.items[0]) return body.items[0];
    await sleep(50);
  }
  throw new Error("nothing became pending");
}

test("the agent over HTTP prints what was exported, and the digest of what ran", async () => {
  const agent = await overHttp("example-1");
  const request = await pending();
  await stack.as("person:alice").review(request.id, "approve");
  const { code, output } = await agent.ended();
  expect(output).toContain(`Exported, exactly as approved (${request.digest})`);
  expect(code).toBe(0);
});

test("killed and started again with the same key, the agent gets the answer of its first request", async () => {
  const first = await overHttp("example-2");
  const request = await pending();
  first.kill();
  await stack.as("person:alice").review(request.id, "deny", { reason: "REVIEW_TOO_BROAD", note: "only Q3" });
  const { code, output } = await (await overHttp("example-2")).ended();
  expect(output).toContain(`Not executed: ${request.id} was denied. REVIEW_TOO_BROAD: only Q3`);
  expect(code).toBe(1);
});

test("the program on Temporal asks with its own key and prints the same", async () => {
  const keyFile = join(stack.directory, "program-key.json");
  writeFileSync(keyFile, JSON.stringify(program), { mode: 0o600 });
  const started = run("program-on-temporal.ts", "example-3", {
    COUNTERSIGN_TEMPORAL_ADDRESS: stack.temporalAddress,
    COUNTERSIGN_TEMPORAL_NAMESPACE: stack.namespace,
    COUNTERSIGN_PROGRAM_KEY_FILE: keyFile,
    COUNTERSIGN_PAYLOAD_KEYRING_FILE: HISTORY_KEYRING,
  });
  const request = await pending();
  await stack.as("person:alice").review(request.id, "approve");
  const { code, output } = await started.ended();
  expect(output).toContain(`${request.id}: the policy says review.`);
  expect(output).toContain(`Exported, exactly as approved (${request.digest})`);
  expect(code).toBe(0);
});
