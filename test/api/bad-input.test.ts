import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { LIMITS } from "../../core/limits.ts";
import { startApi, type TestApi } from "../support/api.ts";
import type { Problem } from "../support/calls.ts";
import { ARGUMENTS, recordPending } from "./fixture.ts";

let api: TestApi;
let agent: string;
let person: string;
beforeAll(async () => {
  api = await startApi({ postgresUrl: inject("postgresUrl"), temporalAddress: inject("temporalAddress") });
  agent = await api.token("agent:reporting-bot");
  person = await api.token("person:alice");
  await recordPending(api, "req_bad");
});
afterAll(() => api?.stop());

const good = { action: "postgres.export", target: "crm", arguments: ARGUMENTS };
const digest = `sha256:${"0".repeat(64)}`;

/** Everything that could have changed. */
async function everything(): Promise<unknown> {
  return api.admin.sql`
    select (select count(*) from submissions) s, (select count(*) from journal) j, (select count(*) from messages) m,
      (select count(*) from audit_events where type not like 'credential.%') e, (select count(*) from freezes) f`;
}

type Case = {
  what: string;
  post?: string;
  body: unknown;
  token?: () => string;
  headers?: Record<string, string>;
  expected: { status: number; code: string; pointer?: string };
};

const asking: Case[] = [
  { what: "a body that is not JSON", body: "{", expected: { status: 400, code: "MALFORMED" } },
  { what: "an empty body", body: "", expected: { status: 400, code: "MALFORMED" } },
  { what: "a list", body: [], expected: { status: 400, code: "MALFORMED", pointer: "" } },
  {
    what: "a missing field",
    body: { ...good, target: undefined },
    expected: { status: 400, code: "MALFORMED", pointer: "/target" },
  },
  {
    what: "a field nobody knows",
    body: { ...good, "on/behalf": "person:alice" },
    expected: { status: 400, code: "MALFORMED", pointer: "/on~1behalf" },
  },
  {
    what: "a claim to act for somebody",
    body: { ...good, onBehalfOf: "person:alice" },
    expected: { status: 400, code: "MALFORMED", pointer: "/onBehalfOf" },
  },
  {
    what: "a wait that is too long",
    body: { ...good, wait: 61 },
    expected: { status: 400, code: "MALFORMED", pointer: "/wait" },
  },
  {
    what: "a justification that is too long",
    body: { ...good, justification: "x".repeat(2_001) },
    expected: { status: 400, code: "MALFORMED", pointer: "/justification" },
  },
  {
    what: "a NUL in a text",
    body: { ...good, justification: "a\u0000b" },
    expected: { status: 400, code: "MALFORMED", pointer: "/justification" },
  },
  {
    what: "half a surrogate pair",
    body: '{"action":"postgres.export","target":"crm","arguments":{},"run":"\\ud800"}',
    expected: { status: 400, code: "MALFORMED", pointer: "/run" },
  },
  {
    what: "a number beyond all numbers",
    body: '{"action":"postgres.export","target":"crm","arguments":{"maxRows":1e999}}',
    expected: { status: 400, code: "MALFORMED", pointer: "/arguments/maxRows" },
  },
  {
    what: "bottomless nesting",
    body: `{"action":"postgres.export","target":"crm","arguments":{"a":${"[".repeat(5_000)}${"]".repeat(5_000)}}}`,
    expected: { status: 400, code: "MALFORMED", pointer: `/arguments/a${"/0".repeat(LIMITS.jsonDepth - 2)}` },
  },
  {
    what: "a poisoned prototype",
    body: '{"action":"postgres.export","target":"crm","arguments":{},"__proto__":{"x":1}}',
    expected: { status: 400, code: "MALFORMED" },
  },
  {
    what: "an unknown action",
    body: { ...good, action: "postgres.drop" },
    expected: { status: 422, code: "ACTION_UNKNOWN", pointer: "/action" },
  },
  {
    what: "an unknown target",
    body: { ...good, target: "payroll" },
    expected: { status: 422, code: "TARGET_UNKNOWN", pointer: "/target" },
  },
  {
    what: "arguments that do not fit",
    body: { ...good, arguments: { ...ARGUMENTS, maxRows: "all" } },
    expected: { status: 422, code: "ARGUMENTS_INVALID", pointer: "/arguments/maxRows" },
  },
  {
    what: "an argument nobody knows",
    body: { ...good, arguments: { ...ARGUMENTS, host: "db.example" } },
    expected: { status: 422, code: "ARGUMENTS_INVALID", pointer: "/arguments/host" },
  },
  {
    what: "an oversized body",
    body: { ...good, arguments: { ...ARGUMENTS, statement: "x".repeat(300_000) } },
    expected: { status: 413, code: "BODY_TOO_LARGE" },
  },
  {
    what: "another media type",
    body: "action=postgres.export",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    expected: { status: 415, code: "MEDIA_TYPE_UNSUPPORTED" },
  },
  {
    what: "a key with a space",
    body: good,
    headers: { "idempotency-key": "a b" },
    expected: { status: 400, code: "KEY_REQUIRED", pointer: "idempotency-key" },
  },
  {
    what: "a key that is too long",
    body: good,
    headers: { "idempotency-key": "k".repeat(201) },
    expected: { status: 400, code: "KEY_REQUIRED", pointer: "idempotency-key" },
  },
  { what: "a person who asks", body: good, token: () => person, expected: { status: 403, code: "FORBIDDEN" } },
];

const answering: Case[] = [
  {
    what: "an answer without a digest",
    post: "/v1/requests/req_bad/reviews",
    token: () => person,
    body: { verb: "approve" },
    expected: { status: 400, code: "MALFORMED", pointer: "/digest" },
  },
  {
    what: "a verb that is not one",
    post: "/v1/requests/req_bad/reviews",
    token: () => person,
    body: { verb: "allow", digest },
    expected: { status: 400, code: "MALFORMED", pointer: "/verb" },
  },
  {
    what: "a name for somebody else",
    post: "/v1/requests/req_bad/reviews",
    token: () => person,
    body: { verb: "approve", digest, principal: "person:bob" },
    expected: { status: 400, code: "MALFORMED", pointer: "/principal" },
  },
  {
    what: "an agent that approves itself",
    post: "/v1/requests/req_bad/reviews",
    body: { verb: "approve", digest },
    expected: { status: 403, code: "REVIEW_NOT_A_PERSON" },
  },
  {
    what: "an answer to something that is not there",
    post: "/v1/requests/req_none/reviews",
    token: () => person,
    body: { verb: "approve", digest },
    expected: { status: 404, code: "NOT_FOUND" },
  },
  {
    what: "an extension by nothing",
    post: "/v1/requests/req_bad/extend",
    token: () => person,
    body: { seconds: 0 },
    expected: { status: 400, code: "MALFORMED", pointer: "/seconds" },
  },
  {
    what: "a resolution by somebody who is no operator",
    post: "/v1/requests/req_bad/resolve",
    token: () => person,
    body: { outcome: "succeeded", note: "seen" },
    expected: { status: 403, code: "FORBIDDEN" },
  },
  {
    what: "a freeze by somebody who is no operator",
    post: "/v1/freezes",
    token: () => person,
    body: { reason: "now" },
    expected: { status: 403, code: "FORBIDDEN" },
  },
];

describe("bad input is answered with code, sentence and place, and changes nothing", () => {
  test.each([...asking, ...answering])("$what", async ({ post = "/v1/requests", body, token, headers, expected }) => {
    const before = await everything();
    const response = await api.call(post, {
      method: "POST",
      headers: {
        authorization: `Bearer ${token?.() ?? agent}`,
        "content-type": "application/json",
        "idempotency-key": "a-key",
        ...headers,
      },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
    const text = await response.text();
    const problem = JSON.parse(text) as Problem & { title: string; type: string };
    expect(response.headers.get("content-type")).toContain("application/problem+json");
    expect({ status: response.status, code: problem.code, pointer: problem.pointer }).toEqual({
      pointer: undefined,
      ...expected,
    });
    expect(problem.status).toBe(response.status);
    expect(problem.title.length).toBeGreaterThan(10);
    expect(problem.type).toBe(`${api.url}/v1/problems/${problem.code}`);
    expect(text).not.toMatch(/node_modules|\.ts:\d|at \w+ \(/);
    expect(await everything()).toEqual(before);
  });

  test("the key is not optional", async () => {
    const response = await api.call("/v1/requests", {
      method: "POST",
      headers: { authorization: `Bearer ${agent}`, "content-type": "application/json" },
      body: JSON.stringify(good),
    });
    expect(((await response.json()) as Problem).code).toBe("KEY_REQUIRED");
  });

  test("all findings come at once", async () => {
    const { body } = await api
      .as("agent:reporting-bot")
      .post<{ findings: unknown[] }>("/v1/requests", { ...good, arguments: { statement: "", format: "xml" } });
    expect(body.findings).toHaveLength(3);
  });

  test("every problem leads to its explanation", async () => {
    const response = await api.call("/v1/problems/REVIEW_OWN_REQUEST");
    expect(await response.json()).toMatchObject({ kind: "reason", status: 403, next: expect.any(String) });
    expect((await api.call("/v1/problems/TEMPORAL_UNAVAILABLE")).status).toBe(200);
    expect((await api.call("/v1/problems/NO_SUCH_CODE")).status).toBe(404);
  });
});

describe("an address takes what it says it takes", () => {
  test.each(["PUT", "DELETE", "PATCH", "OPTIONS", "QUERY", "PROPFIND"])(
    "%s is answered with 405 and Allow",
    async (method) => {
      const response = await api.call("/v1/requests", { method });
      expect(response.status).toBe(405);
      expect(response.headers.get("allow")).toBe("GET, HEAD, POST");
      expect(((await response.json()) as Problem).code).toBe("METHOD_NOT_ALLOWED");
    },
  );

  test("an address that is none is a 404, whatever the method", async () => {
    expect((await api.call("/v1/nothing")).status).toBe(404);
    expect((await api.call("/v1/nothing", { method: "DELETE" })).status).toBe(404);
  });

  test("an address that cannot be decoded is MALFORMED or not there, never a crash", async () => {
    const response = await api.call("/v1/requests/%ff");
    expect([400, 404]).toContain(response.status);
    expect(response.headers.get("content-type")).toContain("application/problem+json");
  });
});
