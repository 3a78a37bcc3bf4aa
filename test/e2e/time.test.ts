import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { MANY_ROWS, reviewPolicy } from "../support/configuration.ts";
import { recordHistory } from "../support/histories.ts";
import { type Stack, startStack } from "../support/stack.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({
    postgresUrl: inject("postgresUrl"),
    temporalAddress: inject("temporalAddress"),
    policies:
      reviewPolicy(`approvals: [{ from: group:data-owners, count: 1, escalate: [{ after: 2s, to: group:privacy-oncall }] }]
timeout: 6s
max_timeout: 1h
remind: [1s]`),
  });
});
afterAll(() => stack?.stop());

const agent = () => stack.as("agent:reporting-bot");
const types = async (id: string) => {
  const { body } = await stack.as("person:alice").get<{ items: { type: string }[] }>(`/v1/requests/${id}/events`);
  return body.items.map((event) => event.type);
};

test("silence never approves: nobody answers, it expires, and expired is not denied", async () => {
  const { body } = await agent().ask(MANY_ROWS);
  const ended = await agent().until(body.id, "expired", "denied", "succeeded");
  expect(ended).toMatchObject({ status: "expired", decision: { by: "time", reasons: [{ code: "TIME_EXPIRED" }] } });
  expect(ended.execution).toBeNull();
  const happened = await types(body.id);
  expect(happened.indexOf("request.reminded")).toBeGreaterThan(0);
  expect(happened.indexOf("request.escalated")).toBeGreaterThan(happened.indexOf("request.reminded"));
  await recordHistory(stack, "expired", body.id);
});

test("after the escalation somebody of the wider group may answer, and not before", async () => {
  const { body } = await agent().ask(MANY_ROWS);
  const frank = stack.as("person:frank");
  expect((await frank.get(`/v1/requests/${body.id}`)).status).toBe(404);
  await expect
    .poll(async () => (await agent().get(`/v1/requests/${body.id}`)).body.requirement?.slots[0]?.widenedTo, {
      timeout: 15_000,
    })
    .toEqual(["group:privacy-oncall"]);
  const answer = await frank.review(body.id, "approve");
  expect(answer.status).toBe(200);
  await agent().until(body.id, "succeeded");
  await recordHistory(stack, "escalated", body.id);
});

test("a reviewer extends the deadline, up to what the policy allows", async () => {
  const { body } = await agent().ask(MANY_ROWS);
  const pending = await agent().until(body.id, "pending");
  const alice = stack.as("person:alice");
  expect(await alice.say(body.id, "extend", { seconds: 7200 })).toMatchObject({
    status: 422,
    body: { code: "REVIEW_EXTENSION_TOO_LONG" },
  });
  expect((await alice.say(body.id, "extend", { seconds: 600 })).status).toBe(200);
  const later = (await agent().get(`/v1/requests/${body.id}`)).body;
  expect(Date.parse(later.deadlineAt ?? "") - Date.parse(pending.deadlineAt ?? "")).toBe(600_000);
  await agent().say(body.id, "withdraw");
});
