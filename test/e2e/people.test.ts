import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { MANY_ROWS, reviewPolicy } from "../support/configuration.ts";
import { recordHistory } from "../support/histories.ts";
import { type Stack, startStack } from "../support/stack.ts";

const TWO_GROUPS = reviewPolicy(`approvals:
  - { from: group:data-owners, count: 1 }
  - { from: group:data-protection, count: 1 }
timeout: 10m`);

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({
    postgresUrl: inject("postgresUrl"),
    temporalAddress: inject("temporalAddress"),
    policies: TWO_GROUPS,
  });
});
afterAll(() => stack?.stop());

const agent = () => stack.as("agent:reporting-bot");
const pending = async () => {
  const { body } = await agent().ask(MANY_ROWS);
  return (await agent().until(body.id, "pending")).id;
};

describe("who may answer", () => {
  test("the owner of the agent cannot approve, not even through a second account", async () => {
    const id = await pending();
    for (const account of ["person:dana", "person:dana-private"] as const) {
      const refused = await stack.as(account).review(id, "approve");
      expect(refused).toMatchObject({ status: 403, body: { code: "REVIEW_OWNER_EXCLUDED" } });
    }
    expect((await agent().until(id, "pending")).requirement?.slots.every((slot) => slot.missing === 1)).toBe(true);
  });

  test("the requester cannot approve", async () => {
    const id = await pending();
    const refused = await agent().review(id, "approve");
    expect(refused.status).toBe(403);
    expect((await agent().get(`/v1/requests/${id}`)).body.status).toBe("pending");
  });

  test("somebody outside the groups is refused and cannot even see it", async () => {
    const id = await pending();
    const { body } = await agent().get(`/v1/requests/${id}`);
    const refused = await stack.as("person:frank").post<{ code: string }>(`/v1/requests/${id}/reviews`, {
      verb: "approve",
      digest: body.digest,
    });
    expect(refused.status).toBe(404);
  });

  test("a person in two groups fills one slot; the other one stays open", async () => {
    const id = await pending();
    await stack.as("person:bob").review(id, "approve");
    const after = (await agent().get(`/v1/requests/${id}`)).body;
    expect(after.status).toBe("pending");
    expect(after.requirement?.slots.reduce((sum, slot) => sum + slot.missing, 0)).toBe(1);
    await stack.as("person:bob").review(id, "approve");
    expect((await agent().get(`/v1/requests/${id}`)).body.status).toBe("pending");
    await stack.as("person:alice").review(id, "approve");
    expect((await agent().until(id, "succeeded")).decision?.people).toHaveLength(2);
  });

  test("a review of another digest, or after the end, is refused and changes nothing", async () => {
    const id = await pending();
    const other = await stack.as("person:alice").post<{ code: string }>(`/v1/requests/${id}/reviews`, {
      verb: "approve",
      digest: `sha256:${"0".repeat(64)}`,
    });
    expect(other).toMatchObject({ status: 409, body: { code: "REVIEW_DIGEST_CHANGED" } });
    await stack.as("person:alice").review(id, "deny", { reason: "REVIEW_UNSAFE" });
    await agent().until(id, "denied");
    const late = await stack.as("person:carol").review(id, "approve");
    expect(late).toMatchObject({ status: 409, body: { code: "REVIEW_ALREADY_DECIDED" } });
  });
});

describe("a flagged request", () => {
  test("is held, released by an auditor who did not flag it, and then approved", async () => {
    const id = await pending();
    await stack.as("person:carol").review(id, "flag", { reason: "REVIEW_SUSPICIOUS", note: "Odd hour." });
    await agent().until(id, "held");
    const early = await stack.as("person:alice").review(id, "approve");
    expect(early.status).toBe(200);
    const wrong = await stack.as("person:alice").say(id, "release");
    expect(wrong).toMatchObject({ status: 403 });
    const released = await stack.as("person:erin").say(id, "release", { note: "Month end." });
    expect(released.status).toBe(200);
    await agent().until(id, "pending");
    await stack.as("person:carol").review(id, "approve");
    const done = await agent().until(id, "succeeded");
    expect(done.flags).toMatchObject([{ reason: "REVIEW_SUSPICIOUS", held: true }]);
    await recordHistory(stack, "held-and-released", id);
  });

  test("is rejected by an auditor for good", async () => {
    const id = await pending();
    await stack.as("person:carol").review(id, "flag", { reason: "REVIEW_SUSPICIOUS", note: "Odd hour." });
    await agent().until(id, "held");
    await stack.as("person:erin").say(id, "reject", { reason: "REVIEW_SUSPICIOUS", note: "Not ours." });
    expect((await agent().until(id, "denied")).decision).toMatchObject({ by: "auditor" });
  });
});
