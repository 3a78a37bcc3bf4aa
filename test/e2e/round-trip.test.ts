import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { ApprovalDenied, createApprovals } from "../../client/index.ts";
import { FEW_ROWS, MANY_ROWS, reviewPolicy } from "../support/configuration.ts";
import { eventually } from "../support/eventually.ts";
import { recordHistory } from "../support/histories.ts";
import { type Stack, startStack } from "../support/stack.ts";

const POLICY = reviewPolicy(
  `approvals: [{ from: group:data-owners, count: 1 }]
timeout: 10m`,
  `
    - id: secrets
      on: [postgres.export]
      when: data.tables.exists(t, t.contains("api_keys"))
      deny: { reason: DLP_SECRET_EGRESS }
`,
);

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({
    postgresUrl: inject("postgresUrl"),
    temporalAddress: inject("temporalAddress"),
    policies: POLICY,
  });
});
afterAll(() => stack?.stop());

const agent = () => stack.as("agent:reporting-bot");
const alice = () => stack.as("person:alice");
/** Once the record has the end, which the executor's own outcome may run ahead of. */
const types = async (id: string) => {
  const erin = stack.as("person:erin");
  return eventually("the end in the record", async () => {
    const { body } = await erin.get<{ items: { type: string }[] }>(`/v1/requests/${id}/events`);
    const all = body.items.map((event) => event.type);
    return all.some((type) => ENDED.test(type)) ? all : undefined;
  });
};

const ENDED = /^request\.(succeeded|failed|unknown|denied|expired|withdrawn)$/;

describe("an export that a person has to approve", () => {
  test("approved, it writes exactly one file whose digest is in the result", async () => {
    const asked = await agent().ask(MANY_ROWS);
    expect(asked.status).toBe(202);
    const pending = await agent().until(asked.body.id, "pending");
    expect(pending.preview?.body.text).toBe(MANY_ROWS);
    expect(pending.requirement?.slots).toMatchObject([{ from: "group:data-owners", count: 1, missing: 1 }]);
    expect(existsSync(join(stack.exports, "crm"))).toBe(false);

    const answer = await alice().review(asked.body.id, "approve");
    expect(answer.status).toBe(200);
    const done = await agent().until(asked.body.id, "succeeded");
    const result = done.execution?.result as { file: string; rows: number; sha256: string };
    const bytes = readFileSync(join(stack.exports, result.file));
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(result.sha256.replace("sha256:", ""));
    expect(bytes.toString().trimEnd().split("\n")).toHaveLength(result.rows + 1);
    expect(readdirSync(join(stack.exports, "crm"))).toHaveLength(1);
    expect(await types(asked.body.id)).toEqual([
      "request.submitted",
      "request.evaluated",
      "request.pending",
      "review.approved",
      "request.starting",
      "execution.claimed",
      "execution.succeeded",
      "request.succeeded",
    ]);
    await recordHistory(stack, "approved", asked.body.id);
  });

  test("denied, the agent is told DENIED with the code and the note, and nothing ran", async () => {
    const token = await stack.token("agent:reporting-bot");
    const approvals = createApprovals({ url: stack.url, token });
    const ask = { target: "crm", arguments: { statement: MANY_ROWS, format: "jsonl" as const, maxRows: 50_000 } };
    const performed = approvals.perform("postgres.export", ask, { key: "denied-once" });
    const refused = performed.catch((error: unknown) => error);
    const listed = async () =>
      (await alice().get<{ items: { id: string }[] }>("/v1/requests?status=pending&waitingFor=me")).body.items;
    await expect.poll(listed, { timeout: 20_000 }).toHaveLength(1);
    const [waiting] = await listed();
    await alice().review(waiting?.id ?? "", "deny", { reason: "REVIEW_TOO_BROAD", note: "One country is enough." });

    const error = (await refused) as ApprovalDenied;
    expect(error).toBeInstanceOf(ApprovalDenied);
    expect(error.code).toBe("DENIED");
    expect(error.message).toContain("One country is enough.");
    expect(error.request?.decision?.reasons[0]?.code).toBe("REVIEW_TOO_BROAD");
    expect(error.request?.execution).toBeNull();
    await recordHistory(stack, "denied", error.request?.id ?? "");
  });

  test("a key asked twice is one request, and another action under it is a conflict", async () => {
    const first = await agent().ask(MANY_ROWS, { key: "the-same" });
    const again = await agent().ask(MANY_ROWS, { key: "the-same" });
    expect(again.body.id).toBe(first.body.id);
    const other = await agent().ask(FEW_ROWS, { key: "the-same" });
    expect(other).toMatchObject({ status: 409, body: { code: "IDEMPOTENCY_CONFLICT" } });
    await agent().say(first.body.id, "withdraw");
    const ended = await agent().until(first.body.id, "withdrawn");
    expect(ended.decision).toMatchObject({ by: "requester" });
    await recordHistory(stack, "withdrawn", first.body.id);
  });
});

describe("without any person", () => {
  test("an allowed export runs at once, through the same gate and claim", async () => {
    const asked = await agent().ask(FEW_ROWS, { wait: 30 });
    expect(asked).toMatchObject({ status: 200, body: { status: "succeeded", requirement: null } });
    expect(await types(asked.body.id)).toContain("execution.claimed");
    await recordHistory(stack, "allowed", asked.body.id);
  });

  test("a statement that is not a single SELECT is denied, and its words reach no role of the target", async () => {
    const asked = await agent().ask("with gone as (delete from customers returning id) select * from gone", {
      wait: 30,
    });
    expect(asked.body.status).toBe("denied");
    expect(asked.body.reasons[0]?.code ?? asked.body.decision?.reasons[0]?.code).toBe("STATEMENT_REFUSED");
    await recordHistory(stack, "denied-by-policy", asked.body.id);
  });
});
