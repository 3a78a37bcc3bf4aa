import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Happening } from "../../../core/deliberation-types.ts";
import type { HumanMessage } from "../../../core/message.ts";
import { requestById } from "../../../db/read/requests.ts";
import { record } from "../../../db/record.ts";
import { recordNext, recordPending } from "../fixture.ts";
import { clickOf, deliver, type SlackApi, signalsOf, startSlackApi, tokenFor, waiting } from "./fixture.ts";

let api: SlackApi;
beforeAll(async () => {
  api = await startSlackApi();
});
afterAll(() => api?.stop());

/** A click on a request that waits, as far as the workflow has got with it: it has the message, and no more. */
async function clicked(requestId: string): Promise<{ path: string; message: HumanMessage }> {
  await Promise.all([waiting(api, requestId), recordPending(api, requestId)]);
  const payload = clickOf(api, tokenFor(requestId));
  expect((await deliver(api, payload)).status).toBe(200);
  const [signal] = await signalsOf(api, requestId);
  if (signal === undefined) throw new Error("nothing was signalled");
  return { path: new URL(String(payload.response_url)).pathname, message: signal.message };
}

/** What the workflow would write about it. */
async function recorded(requestId: string, happened: Happening, message: HumanMessage | null): Promise<void> {
  const state = (await requestById(api.context.database, requestId))?.state ?? null;
  await record(api.context.database, {
    ...{ requestId, seq: 2, state, outcome: null, submission: null, identification: null, description: null },
    message: message === null ? null : await api.context.signer.sign("message", message),
    entry: { at: Date.now(), cause: { kind: "step", event: { kind: "tick" } }, happened: [happened] },
  });
}

const told = async (path: string) => JSON.stringify((await api.slack.called(path)).body);

test("what was recorded is answered privately, with what is still missing", async () => {
  const { path, message } = await clicked("req_counts");
  expect(api.slack.calls.some((call) => call.path === path)).toBe(false);
  await recorded("req_counts", { type: "review.approved", by: "person:alice", reasons: [], data: {} }, message);
  expect(await told(path)).toContain("Recorded: you approved.");
  expect(await told(path)).toContain("Still missing: 1 of data-owners.");
  expect(await told(path)).toContain('"response_type":"ephemeral"');
});

test("what was refused is answered with why and what next", async () => {
  const { path, message } = await clicked("req_refused");
  const reasons = [{ code: "REVIEW_NOT_LINKED", rule: null, note: null }];
  const data = { messageId: message.id };
  await recorded("req_refused", { type: "review.refused", by: null, reasons, data }, null);
  expect(await told(path)).toContain("Your answer did not count.");
  expect(await told(path)).toContain("/approvals link");
});

test("the refusal of somebody else's message is no answer to mine", async () => {
  const { path, message } = await clicked("req_others");
  const refusal = (messageId: string, code: string): Happening => {
    return { type: "review.refused", by: null, reasons: [{ code, rule: null, note: null }], data: { messageId } };
  };
  const state = (await requestById(api.context.database, "req_others"))?.state ?? null;
  for (const [seq, happened] of [
    refusal("msg_other", "REVIEW_OUTSIDER"),
    refusal(message.id, "REVIEW_HELD"),
  ].entries()) {
    await record(api.context.database, {
      ...{ requestId: "req_others", seq: 2 + seq, state, outcome: null, submission: null, message: null },
      ...{ identification: null, description: null },
      entry: { at: Date.now(), cause: { kind: "step", event: { kind: "tick" } }, happened: [happened] },
    });
  }
  expect(await told(path)).toContain("The request is held");
});

test("whoever answered while somebody else ended the request is told that at once, and not that nobody knows", async () => {
  const { path } = await clicked("req_overtaken");
  const reasons = [{ code: "REVIEW_UNSAFE", rule: null, note: null }];
  const people = ["person:bob" as const];
  await recordNext(api, "req_overtaken", 2, { status: "denied", reasons, decidedBy: "people", people, report: null });
  expect(await told(path)).toContain("Your answer did not count: the request has already ended.");
  expect(await told(path)).toContain("Denied by Bob");
});

test("a deny that came too late is never told as recorded, although it is kept before that is known", async () => {
  const { path, message } = await clicked("req_too_late");
  const state = (await requestById(api.context.database, "req_too_late"))?.state;
  if (!state) throw new Error("nothing is recorded");
  const by = "person:alice" as const;
  const denied = { ...message, verb: "deny" as const, by, via: message.principal, name: "Alice", groups: [] };
  const settling = { kind: "deny" as const, message: denied, roster: [] };
  const entry = (happened: Happening[]) => {
    return { at: Date.now(), cause: { kind: "step" as const, event: { kind: "tick" as const } }, happened };
  };
  const nothing = { outcome: null, submission: null, identification: null, description: null };
  await record(api.context.database, {
    ...{ ...nothing, requestId: "req_too_late", seq: 2, state: { ...state, phase: "settling", settling } },
    message: await api.context.signer.sign("message", message),
    entry: entry([]),
  });
  const reasons = [{ code: "REVIEW_TOO_LATE", rule: null, note: null }];
  const refused: Happening = { type: "review.refused", by, reasons, data: { messageId: message.id } };
  await sleep(300);
  await record(api.context.database, {
    ...{ ...nothing, requestId: "req_too_late", seq: 3, state: { ...state, phase: "starting" }, message: null },
    entry: entry([refused]),
  });
  expect(await told(path)).toContain("The action has already started.");
});
