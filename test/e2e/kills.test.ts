import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { MANY_ROWS, ONE_OWNER, SLOW } from "../support/configuration.ts";
import { recordHistory } from "../support/histories.ts";
import { type Role, type Stack, startStack } from "../support/stack.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({
    postgresUrl: inject("postgresUrl"),
    temporalAddress: inject("temporalAddress"),
    policies: ONE_OWNER,
    heartbeatSeconds: 3,
  });
});
afterAll(() => stack?.stop());

const agent = () => stack.as("agent:reporting-bot");
const alice = () => stack.as("person:alice");
const filesOf = (id: string) => {
  const directory = join(stack.exports, "crm");
  return existsSync(directory) ? readdirSync(directory).filter((name) => name.includes(id)) : [];
};
const claims = async (id: string) => {
  const { body } = await stack.as("person:erin").get<{ items: { type: string }[] }>(`/v1/requests/${id}/events`);
  return body.items.filter((event) => event.type === "execution.claimed").length;
};

for (const role of ["workflows", "executor", "api"] satisfies Role[]) {
  test(`killing ${role} −9 while it is pending loses nothing`, async () => {
    const { body } = await agent().ask(MANY_ROWS);
    await agent().until(body.id, "pending");
    await stack.kill(role);
    await stack.start(role);
    expect((await agent().get(`/v1/requests/${body.id}`)).body.status).toBe("pending");
    expect((await alice().review(body.id, "approve")).status).toBe(200);
    await agent().until(body.id, "succeeded");
    expect(await claims(body.id)).toBe(1);
    expect(filesOf(body.id)).toHaveLength(1);
  });
}

test("an approval sent while the worker is dead counts once it is back", async () => {
  const { body } = await agent().ask(MANY_ROWS);
  await agent().until(body.id, "pending");
  await stack.kill("workflows");
  const answer = alice().review(body.id, "approve");
  await sleep(500);
  await stack.start("workflows");
  expect((await answer).status).toBeLessThan(300);
  await agent().until(body.id, "succeeded");
  expect(await claims(body.id)).toBe(1);
});

test("the executor killed −9 while it runs is unknown: never done, never failed, never again", async () => {
  const { body } = await agent().ask(SLOW);
  await agent().until(body.id, "pending");
  await alice().review(body.id, "approve");
  await agent().until(body.id, "running");
  await stack.kill("executor");
  await stack.start("executor");
  const ended = await agent().until(body.id, "unknown", "succeeded", "failed");
  expect(ended.status).toBe("unknown");
  expect(await claims(body.id)).toBe(1);
  expect(filesOf(body.id).filter((name) => name.startsWith(body.id))).toEqual([]);

  const resolved = await stack.as("person:omar").post(`/v1/requests/${body.id}/resolve`, {
    outcome: "failed",
    note: "The target shows that no export finished.",
  });
  expect(resolved.status).toBe(200);
  expect(resolved.body.resolution).toMatchObject({ outcome: "failed" });
  await recordHistory(stack, "unknown", body.id);
});

for (const role of ["workflows", "api"] satisfies Role[]) {
  test(`killing ${role} −9 while it runs changes nothing about the run`, async () => {
    const { body } = await agent().ask("select id, pg_sleep(0.01) from customers where id <= 400 order by id");
    await agent().until(body.id, "pending");
    await alice().review(body.id, "approve");
    await agent().until(body.id, "running");
    await stack.kill(role);
    await stack.start(role);
    await agent().until(body.id, "succeeded");
    expect(await claims(body.id)).toBe(1);
    expect(filesOf(body.id)).toHaveLength(1);
  });
}

test("Stop ends a running export and leaves nothing behind", async () => {
  const { body } = await agent().ask(SLOW);
  await agent().until(body.id, "pending");
  await alice().review(body.id, "approve");
  await agent().until(body.id, "running");
  const stopped = await alice().say(body.id, "stop");
  expect(stopped.status).toBeLessThan(300);
  const ended = await agent().until(body.id, "failed", "succeeded");
  expect(ended.execution?.code).toBe("EXEC_STOPPED");
  expect(filesOf(body.id)).toEqual([]);
  await recordHistory(stack, "failed", body.id);
});
