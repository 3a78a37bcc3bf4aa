import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import type { Temporal } from "../../cli/dev/temporal.ts";
import { ONE_OWNER } from "../support/configuration.ts";
import { type Attacker, attackerOf } from "../support/slack/attacker.ts";
import { ACCOUNTS, CHANNELS } from "../support/slack/workspace.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { startTestTemporal } from "../support/temporal-server.ts";

/** A Temporal server of its own, because this test ends it. */
const directory = mkdtempSync(join(tmpdir(), "countersign-down-"));
let temporal: Temporal;
let stack: Stack;
let attacker: Attacker;

beforeAll(async () => {
  chmodSync(directory, 0o711);
  temporal = await startTestTemporal(directory);
  const servers = { postgresUrl: inject("postgresUrl"), temporalAddress: temporal.address };
  stack = await startStack({ ...servers, policies: ONE_OWNER, slack: { transport: "http" } });
  attacker = attackerOf(stack);
}, 90_000);
afterAll(async () => {
  await stack?.stop();
  await temporal?.child.stop();
  rmSync(directory, { recursive: true, force: true });
});

test("with Temporal down a click is not acknowledged, and the person is told that it was NOT recorded", async () => {
  const { request, card } = await attacker.asked();
  await temporal.child.stop();
  await stack.slack.click(ACCOUNTS.alice, CHANNELS.approvals, card.ts, "countersign.approve");
  const told = await attacker.told("alice", /Your click was NOT recorded/);
  expect(JSON.stringify(told.blocks)).toContain(`/requests/${request.id}`);
  const [click] = attacker.deliveries("block_actions");
  expect(click?.acknowledged?.status ?? null).not.toBe(200);
  expect((await stack.as("person:omar").get(`/v1/requests/${request.id}`)).body.status).toBe("pending");
}, 90_000);
