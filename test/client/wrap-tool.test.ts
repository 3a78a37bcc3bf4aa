import { afterEach, expect, test } from "vitest";
import { createApprovals } from "../../client/index.ts";
import { endedView, type ScriptedApi, scriptedApi } from "../support/scripted-api.ts";

let api: ScriptedApi;
afterEach(() => api.close());

const tool = {
  name: "export_customers",
  description: "Exports customers as CSV.",
  parameters: { type: "object" },
  execute: async (_: { country: string }): Promise<unknown> => expect.fail("the tool's own execute ran"),
};

async function wrapped(status: "succeeded" | "denied") {
  api = await scriptedApi(() => ({
    status: 200,
    body: endedView(status, { code: "REVIEW_TOO_BROAD", note: "one country" }),
  }));
  return createApprovals({ url: api.url, token: "t" }).wrapTool(tool, {
    action: "postgres.export",
    target: "crm",
    arguments: ({ country }: { country: string }) => ({
      statement: `select id from customers where country = '${country}'`,
      format: "csv",
      maxRows: 100,
    }),
    justification: ({ country }) => `Customers of ${country}`,
  });
}

test("a wrapped tool asks for the action and never calls the tool's own execute", async () => {
  const asking = await wrapped("succeeded");
  expect(await asking.execute({ country: "CH" }, { toolCallId: "call_7" })).toEqual({ file: "export.csv", rows: 42 });
  expect(api.heard[0]?.headers["idempotency-key"]).toBe("call_7");
  expect(api.heard[0]?.body).toMatchObject({
    action: "postgres.export",
    target: "crm",
    arguments: { statement: "select id from customers where country = 'CH'" },
    justification: "Customers of CH",
  });
});

test("a wrapped tool keeps its name, description and parameters", async () => {
  const asking = await wrapped("succeeded");
  expect(asking).toMatchObject({ name: tool.name, description: tool.description, parameters: tool.parameters });
});

test("a denied call rejects with a sentence a model can read", async () => {
  const asking = await wrapped("denied");
  await expect(asking.execute({ country: "CH" }, { toolCallId: "call_7" })).rejects.toThrow(
    /^Not executed: req_\S+ was denied\. REVIEW_TOO_BROAD: one country$/,
  );
});

test.each([
  ["toolCallId", { toolCallId: "c1" }],
  ["callId", { callId: "c1" }],
  ["tool_call_id", { tool_call_id: "c1" }],
  ["toolCall.id", { toolCall: { id: "c1" } }],
  ["toolCall.callId", { toolCall: { callId: "c1" } }],
  ["id", { id: "c1" }],
])("the tool call id in %s is the key", async (_, context) => {
  await (await wrapped("succeeded")).execute({ country: "CH" }, context);
  expect(api.heard[0]?.headers["idempotency-key"]).toBe("c1");
});

test("a call without a tool call id is refused before anything is asked", async () => {
  const asking = await wrapped("succeeded");
  await expect(asking.execute({ country: "CH" })).rejects.toThrow(/without a tool call id/);
  expect(api.heard).toEqual([]);
});
