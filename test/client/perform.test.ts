import { afterEach, expect, test } from "vitest";
import {
  ApiError,
  ApprovalDenied,
  ApprovalError,
  ApprovalExpired,
  ApprovalPending,
  createApprovals,
  NotReachable,
} from "../../client/index.ts";
import {
  endedView,
  type Heard,
  problem,
  type Reply,
  requestView,
  type ScriptedApi,
  scriptedApi,
} from "../support/scripted-api.ts";

const running: ScriptedApi[] = [];
afterEach(async () => {
  for (const api of running.splice(0)) await api.close();
});

async function approvalsOver(script: (call: Heard, number: number) => Reply) {
  const api = await scriptedApi(script);
  running.push(api);
  return { api, approvals: createApprovals({ url: api.url, token: "cs_agent_secret" }) };
}

const ask = {
  target: "crm",
  arguments: { statement: "select id from customers", format: "csv" as const, maxRows: 100 },
};
const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.fail("it resolved"),
    (error: unknown) => error,
  );

test("an executed action resolves with its result and the digest of what ran", async () => {
  const { api, approvals } = await approvalsOver(() => ({ status: 200, body: endedView("succeeded") }));
  const executed = await approvals.perform("postgres.export", ask, {
    key: "report-1",
    justification: "why",
    run: "r1",
  });
  expect(executed.result).toEqual({ file: "export.csv", rows: 42 });
  expect(executed.digest).toBe(endedView("succeeded").digest);
  expect(api.heard).toHaveLength(1);
  expect(api.heard[0]?.headers).toMatchObject({
    authorization: "Bearer cs_agent_secret",
    "idempotency-key": "report-1",
  });
  expect(api.heard[0]?.body).toMatchObject({ action: "postgres.export", ...ask, justification: "why", run: "r1" });
});

test("a lost reply is asked again with the same key, and only the key says that it is the same", async () => {
  const { api, approvals } = await approvalsOver((_, number) =>
    number === 0 ? "lost" : { status: 200, body: endedView("succeeded") },
  );
  await approvals.perform("postgres.export", ask, { key: "report-1" });
  expect(api.heard.map((call) => call.headers["idempotency-key"])).toEqual(["report-1", "report-1"]);
});

test("503 and 429 are waited out, never before Retry-After", async () => {
  const at: number[] = [];
  const { approvals } = await approvalsOver((_, number) => {
    at.push(Date.now());
    if (number === 0) return problem(503, "DATABASE_UNAVAILABLE");
    if (number === 1) return problem(429, "RATE_LIMITED", { retryAfterSeconds: 1 });
    return { status: 200, body: endedView("succeeded") };
  });
  await approvals.perform("postgres.export", ask, { key: "report-1" });
  expect(at).toHaveLength(3);
  expect((at[2] ?? 0) - (at[1] ?? 0)).toBeGreaterThanOrEqual(990);
});

test("a pending request is followed with held calls until it has ended, across a lost connection", async () => {
  const { api, approvals } = await approvalsOver((_, number) => {
    if (number === 0) return { status: 202, body: requestView() };
    if (number === 1) return "lost";
    if (number === 2) return { status: 200, body: requestView({ status: "running" }) };
    return { status: 200, body: endedView("succeeded") };
  });
  await approvals.perform("postgres.export", ask, { key: "report-1" });
  expect(api.heard.map((call) => call.method)).toEqual(["POST", "GET", "GET", "GET"]);
  expect(Number(api.heard[1]?.query.wait)).toBeGreaterThan(0);
});

test.each([
  ["denied", "DENIED", ApprovalDenied],
  ["expired", "EXPIRED", ApprovalExpired],
  ["withdrawn", "WITHDRAWN", ApprovalError],
  ["failed", "FAILED", ApprovalError],
  ["unknown", "UNKNOWN", ApprovalError],
] as const)("%s is told as %s, with the reason code and the note", async (status, code, kind) => {
  const { approvals } = await approvalsOver(() => ({
    status: 200,
    body: endedView(status, { code: "REVIEW_TOO_BROAD", note: "only this quarter, please" }),
  }));
  const error = await rejection(approvals.perform("postgres.export", ask, { key: "report-1" }));
  expect(error).toBeInstanceOf(kind);
  expect(error).toMatchObject({ code, reasonCode: "REVIEW_TOO_BROAD", note: "only this quarter, please" });
});

test("expired is not denied", async () => {
  const { approvals } = await approvalsOver(() => ({ status: 200, body: endedView("expired") }));
  const error = await rejection(approvals.perform("postgres.export", ask, { key: "report-1" }));
  expect(error).not.toBeInstanceOf(ApprovalDenied);
  expect(String(error)).toContain("it was not denied");
});

test("when the wait is over the error holds the id, and waitFor goes on with it in another client", async () => {
  let ended = false;
  const { api, approvals } = await approvalsOver((call) =>
    ended
      ? { status: 200, body: endedView("succeeded") }
      : { status: call.method === "POST" ? 202 : 200, body: requestView() },
  );
  const error = await rejection(approvals.perform("postgres.export", ask, { key: "report-1", wait: 0 }));
  expect(error).toBeInstanceOf(ApprovalPending);
  const { requestId } = error as ApprovalPending;
  ended = true;
  const restarted = createApprovals({ url: api.url, token: "cs_agent_secret" });
  expect((await restarted.waitFor(requestId)).result).toEqual({ file: "export.csv", rows: 42 });
});

test("a status this version does not know is never taken for executed", async () => {
  const { approvals } = await approvalsOver(() => ({ status: 200, body: { ...requestView(), status: "archived" } }));
  const error = await rejection(approvals.perform("postgres.export", ask, { key: "report-1", wait: 0 }));
  expect(error).toBeInstanceOf(ApprovalPending);
});

test("a wrong call is refused at once, with code, sentence and pointer", async () => {
  const { api, approvals } = await approvalsOver(() =>
    problem(422, "ARGUMENTS_INVALID", { pointer: "/arguments/maxRows", detail: "maxRows must be at least 1." }),
  );
  const error = await rejection(approvals.perform("postgres.export", ask, { key: "report-1" }));
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ status: 422, code: "ARGUMENTS_INVALID", pointer: "/arguments/maxRows" });
  expect(api.heard).toHaveLength(1);
});

test("an answer that is not the API's is an error, not a request", async () => {
  const { approvals } = await approvalsOver(() => ({
    status: 302,
    body: "moved",
    headers: { location: "http://127.0.0.1:1/elsewhere" },
  }));
  const error = await rejection(approvals.perform("postgres.export", ask, { key: "report-1" }));
  expect(error).toMatchObject({ status: 302, code: "NOT_AN_ANSWER" });
});

test("aborting stops the waiting, with the caller's own reason", async () => {
  const { approvals } = await approvalsOver(() => problem(503, "TEMPORAL_UNAVAILABLE", { retryAfterSeconds: 60 }));
  const abort = new AbortController();
  const error = rejection(approvals.perform("postgres.export", ask, { key: "report-1", signal: abort.signal }));
  abort.abort(new Error("the agent was told to stop"));
  expect(String(await error)).toContain("the agent was told to stop");
});

test("waitFor gives up after its time when nothing answers, and the token is in no message", async () => {
  const { api, approvals } = await approvalsOver(() => "lost");
  const error = await rejection(approvals.waitFor("req_x", { timeoutSeconds: 1 }));
  expect(error).toBeInstanceOf(NotReachable);
  expect(String(error)).not.toContain("cs_agent_secret");
  expect(api.heard.length).toBeGreaterThan(0);
});

test("when the API goes away during the wait, the last thing seen is still told", async () => {
  const { approvals } = await approvalsOver((_, number) =>
    number === 0 ? { status: 202, body: requestView() } : problem(503, "DATABASE_UNAVAILABLE"),
  );
  const error = await rejection(approvals.perform("postgres.export", ask, { key: "report-1", wait: 1 }));
  expect(error).toBeInstanceOf(ApprovalPending);
  expect((error as ApprovalPending).requestId).toBe(requestView().id);
});

test("a withdrawal that loses its reply is sent again as the same message, until it is known to be recorded", async () => {
  const { api, approvals } = await approvalsOver((_, number) => {
    if (number === 0) return "lost";
    if (number === 1) return { status: 202, body: { recorded: null, messageId: "msg_1", detail: "", statusUrl: "" } };
    return { status: 200, body: endedView("withdrawn") };
  });
  const request = await approvals.withdraw("req_x", { note: "no longer needed" });
  expect(request.status).toBe("withdrawn");
  const keys = api.heard.map((call) => call.headers["idempotency-key"]);
  expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
  expect(keys).toEqual([keys[0], keys[0], keys[0]]);
});
