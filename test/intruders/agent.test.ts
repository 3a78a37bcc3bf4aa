import { afterAll, beforeAll, expect, inject, test } from "vitest";
import type { RequestView } from "../../api/contract/request.ts";
import type { PrincipalId } from "../../core/principal.ts";
import type { Problem } from "../support/calls.ts";
import { MANY_ROWS, ONE_OWNER } from "../support/configuration.ts";
import { NOTHING, traces } from "../support/intruder.ts";
import { type Stack, startStack } from "../support/stack.ts";

/** An agent with its own key and, worse, with its owner's token. */
let stack: Stack;
let request: RequestView;

beforeAll(async () => {
  const servers = { postgresUrl: inject("postgresUrl"), temporalAddress: inject("temporalAddress") };
  stack = await startStack({ ...servers, policies: ONE_OWNER });
  const { body } = await stack.as("agent:reporting-bot").ask(MANY_ROWS);
  request = await stack.as("agent:reporting-bot").until(body.id, "pending");
});
afterAll(() => stack?.stop());

const approve = () => ({ verb: "approve", digest: request.digest, factsDigest: request.factsDigest });

test.each<[string, PrincipalId, string, () => object, number[]]>([
  ["approves with its own key", "agent:reporting-bot", "reviews", approve, [403]],
  ["approves with its owner's token", "person:dana", "reviews", approve, [403]],
  ["approves with the token of its owner's second account", "person:dana-private", "reviews", approve, [403]],
  ["approves as another agent", "agent:other-bot", "reviews", approve, [403, 404]],
  ["moves its own deadline", "agent:reporting-bot", "extend", () => ({ digest: request.digest, seconds: 60 }), [403]],
  ["releases", "agent:reporting-bot", "release", () => ({ digest: request.digest }), [403, 409]],
  [
    "says how it ended",
    "agent:reporting-bot",
    "resolve",
    () => ({ outcome: "succeeded", note: "It ran." }),
    [403, 404],
  ],
])("an agent that %s is refused with a code, and nothing runs", async (_what, who, call, body, statuses) => {
  const answer = await stack.as(who).post<Problem>(`/v1/requests/${request.id}/${call}`, body());
  expect(statuses).toContain(answer.status);
  expect(answer.body.code).toMatch(/^(REVIEW_[A-Z_]+|FORBIDDEN|NOT_FOUND)$/);
  const now = (await stack.as("agent:reporting-bot").get(`/v1/requests/${request.id}`)).body;
  expect(now).toMatchObject({ status: "pending", requirement: { slots: [{ missing: 1, filledBy: [] }] } });
  expect(await traces(stack, request.id)).toEqual(NOTHING);
});

test.each<[string, PrincipalId]>([
  ["orders a freeze", "agent:reporting-bot"],
  ["orders a freeze with its owner's token", "person:dana"],
])("an agent that %s is refused", async (_what, who) => {
  const answer = await stack.as(who).post<Problem>("/v1/freezes", { reason: "mine" });
  expect(answer).toMatchObject({ status: 403, body: { code: "FORBIDDEN" } });
});

test("with a person's token nothing is asked for in an agent's name", async () => {
  const answer = await stack.as("person:dana").ask(MANY_ROWS);
  expect(answer).toMatchObject({ status: 403, body: { code: "FORBIDDEN" } });
});
