import { expect, test, vi } from "vitest";
import { LIMITS } from "../../core/limits.ts";
import type { HumanMessage } from "../../core/message.ts";
import { openIdentifying } from "../../workflows/identifying.ts";
import type { Item, MessageItem } from "../../workflows/inbox.ts";

// A chat that never answers.
vi.mock("../../workflows/activity-options.ts", () => ({ identify: () => new Promise(() => {}) }));

function click(id: string): MessageItem {
  const content = { id, principal: "slack:T1/U1", signedAt: 0 } as unknown as HumanMessage;
  return { kind: "message", signed: { content, jws: `jws of ${id}` }, answer: () => {} };
}

test("a click more than can be asked about at once goes into the record as refused, and is not dropped", () => {
  const put: Item[] = [];
  const { begin } = openIdentifying((item) => void put.push(item));
  for (let count = 0; count < LIMITS.identifyingAtOnce; count++) begin(click(`msg_${count}`), []);
  expect(put).toEqual([]);
  const last = click("msg_last");
  begin(last, []);
  expect(put).toEqual([{ kind: "identified", item: last, identified: { ok: false, code: "REVIEW_TOO_MANY" } }]);
});

test("the same click again while it is asked about takes no second place", () => {
  const put: Item[] = [];
  const { begin } = openIdentifying((item) => void put.push(item));
  for (let count = 0; count <= LIMITS.identifyingAtOnce; count++) begin(click("msg_same"), []);
  expect(put).toEqual([]);
});
