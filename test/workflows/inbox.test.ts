import { expect, test, vi } from "vitest";
import { openInbox } from "../../workflows/inbox.ts";

const handlers = vi.hoisted(() => new Map<string, (argument: unknown) => unknown>());
vi.mock("@temporalio/workflow", async (original) => ({
  ...(await original<typeof import("@temporalio/workflow")>()),
  setHandler: ({ type, name }: { type: string; name: string }, handler: (argument: unknown) => unknown) =>
    void handlers.set(`${type} ${name}`, handler),
}));

const content = { id: "msg_1", requestId: "req_1", verb: "approve", principal: "person:ana" };

test.each([
  ["nothing", undefined],
  ["no signature", { content }],
  ["no content", { jws: "a..b" }],
  ["no verb", { jws: "a..b", content: { ...content, verb: undefined } }],
  ["nobody behind it", { jws: "a..b", content: { ...content, principal: undefined } }],
  ["something else than a name behind it", { jws: "a..b", content: { ...content, principal: { id: "person:ana" } } }],
  ["another request", { jws: "a..b", content: { ...content, requestId: "req_2" } }],
  ["the verb of another signal", { jws: "a..b", content: { ...content, verb: "stop" } }],
])("a signal with %s never reaches the loop, which it could stop for ever", (_what, argument) => {
  const inbox = openInbox("req_1");
  handlers.get("signal review")?.(argument);
  expect(inbox.take()).toBeNull();
});

test("a signal in the shape of a message does", () => {
  const inbox = openInbox("req_1");
  handlers.get("signal review")?.({ jws: "a..b", content });
  expect(inbox.take()).toMatchObject({ kind: "message", signed: { content } });
});
