import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { RequestView } from "../../api/contract/request.ts";
import { runCli } from "../support/run-cli.ts";
import {
  endedView,
  type Heard,
  problem,
  type Reply,
  requestView,
  type ScriptedApi,
  scriptedApi,
} from "../support/scripted-api.ts";

let api: ScriptedApi;
let answer: (call: Heard, number: number) => Reply;
let env: { [name: string]: string };
beforeEach(async () => {
  api = await scriptedApi((call, number) => answer(call, number));
  env = { COUNTERSIGN_URL: api.url, COUNTERSIGN_TOKEN: "csp_token" };
});
afterEach(() => api.close());

const ID = requestView().id;
const shows = (request: RequestView, after = request) => {
  answer = (call) => {
    if (call.method === "POST") return { status: 200, body: after };
    return { status: 200, body: call.path.endsWith("/events") ? { items: [], nextCursor: null } : request };
  };
};

test("review shows title, exact body and digest first, and answers for exactly that digest", async () => {
  shows(requestView(), endedView("succeeded"));
  const run = await runCli(["review", ID, "approve", "--yes"], { env });
  expect(run.code).toBe(0);
  expect(run.stderr).toContain("Export 42 rows of customers");
  expect(run.stderr).toContain("│ select id from customers");
  expect(run.stderr).toContain(requestView().digest);
  const sent = api.heard.filter((call) => call.method === "POST");
  expect(sent).toHaveLength(1);
  expect(sent[0]).toMatchObject({
    path: `/v1/requests/${ID}/reviews`,
    body: { verb: "approve", digest: requestView().digest, factsDigest: requestView().factsDigest },
  });
  expect(sent[0]?.headers["idempotency-key"]).toMatch(/^cli-/);
});

test("deny and flag carry the reason code and the note", async () => {
  shows(requestView(), endedView("denied"));
  await runCli(["review", ID, "deny", "--reason", "REVIEW_TOO_BROAD", "--note", "only Q3", "--yes"], { env });
  expect(api.heard.at(-1)?.body).toMatchObject({ verb: "deny", reason: "REVIEW_TOO_BROAD", note: "only Q3" });
});

test("approve can carry a flag: a follow-up without a hold", async () => {
  shows(requestView());
  await runCli(["review", ID, "approve", "--flag", "REVIEW_OTHER", "--flag-note", "look later", "--yes"], { env });
  expect(api.heard.at(-1)?.body).toMatchObject({
    verb: "approve",
    flag: { reason: "REVIEW_OTHER", note: "look later" },
  });
});

test.each([
  ["withdraw", [], "withdraw", { digest: requestView().digest }],
  ["stop", [], "stop", { digest: requestView().digest }],
  ["release", ["--note", "fine"], "release", { note: "fine" }],
  ["reject", ["--reason", "REVIEW_UNSAFE"], "reject", { reason: "REVIEW_UNSAFE" }],
  ["extend", ["--extend", "2h"], "extend", { seconds: 7200 }],
  [
    "resolve",
    ["--outcome", "failed", "--note", "asked the DBA"],
    "resolve",
    { outcome: "failed", note: "asked the DBA" },
  ],
] as const)("%s goes to its own address", async (verb, options, path, body) => {
  shows(requestView());
  const run = await runCli(["review", ID, verb, ...options, "--yes"], { env });
  expect(run.code).toBe(0);
  expect(api.heard.at(-1)).toMatchObject({ method: "POST", path: `/v1/requests/${ID}/${path}`, body });
});

test("another digest than --digest is refused before anything is sent", async () => {
  shows(requestView());
  const run = await runCli(["review", ID, "approve", "--digest", `sha256:${"00".repeat(32)}`, "--yes"], { env });
  expect(run.code).toBe(1);
  expect(run.stderr).toContain("REVIEW_DIGEST_CHANGED");
  expect(api.heard.every((call) => call.method === "GET")).toBe(true);
});

test("a refusal is one sentence with its code and what to do now, exit code 1", async () => {
  answer = (call) =>
    call.method === "POST"
      ? problem(403, "REVIEW_OWNER_EXCLUDED", { title: "You own the agent that asks; somebody else has to answer." })
      : { status: 200, body: requestView() };
  const run = await runCli(["review", ID, "approve", "--yes"], { env });
  expect(run.code).toBe(1);
  expect(run.stderr).toContain("REVIEW_OWNER_EXCLUDED: You own the agent that asks; somebody else has to answer.");
  expect(run.stderr).toContain("Ask another member of the groups shown on the request.");
});

test("agent text cannot move the cursor, hide characters or pose as a line of ours", async () => {
  const statement = "select 1 -- \u001b[2J\u202e\nDigest:      sha256:forged";
  const preview = {
    title: "Export\u001b[31m",
    fields: [],
    body: { label: "Statement", language: "sql", text: statement },
    warnings: [],
  };
  shows(requestView({ preview: preview as RequestView["preview"], justification: "please\nDigest: sha256:forged" }));
  const { stdout, code } = await runCli(["show", ID], { env });
  expect(code).toBe(0);
  expect(stdout).not.toContain("\u001b");
  expect(stdout).not.toContain("\u202e");
  expect(stdout).toContain("  │ Digest:      sha256:forged");
  expect(stdout.match(/^Digest:/gm)).toHaveLength(1);
});

test("the body is shown whole, however long it is", async () => {
  const long = `select ${"id, ".repeat(5_000)}name from customers`;
  shows(
    requestView({
      preview: {
        ...requestView().preview,
        body: { label: "Statement", language: "sql", text: long },
      } as RequestView["preview"],
    }),
  );
  const { stdout } = await runCli(["show", ID], { env });
  expect(stdout.replaceAll(/\n {2}│ (↪ )?/g, "")).toContain(long);
});

test("list says who waits for whom and until when", async () => {
  const soon = new Date(Date.now() + 14.5 * 60_000).toISOString();
  answer = () => ({ status: 200, body: { items: [requestView({ deadlineAt: soon })], nextCursor: "c1" } });
  const run = await runCli(["list", "--waiting-for-me", "--status", "pending"], { env });
  expect(run.code).toBe(0);
  expect(run.stdout).toMatch(/^REQUEST +STATUS +WHAT +ASKED BY +WAITS FOR +DEADLINE\n/);
  expect(run.stdout).toContain("1 of data");
  expect(run.stdout).toMatch(/in 1[34] min/);
  expect(run.stderr).toContain("--cursor c1");
  expect(api.heard[0]?.query).toMatchObject({ status: "pending", waitingFor: "me" });
});

test("no colour where no terminal is attached", async () => {
  answer = () => ({ status: 200, body: { items: [requestView()], nextCursor: null } });
  expect((await runCli(["list"], { env })).stdout).not.toContain("\u001b");
});

test("request asks with typed arguments and prints the honest end", async () => {
  answer = () => ({ status: 200, body: endedView("succeeded") });
  const args = ["--target", "crm", "--set", "statement=select 1", "--set", "maxRows:=100", "--key", "k1"];
  const run = await runCli(["request", "postgres.export", ...args], { env });
  expect(run.code).toBe(0);
  expect(run.stdout).toContain("export.csv");
  expect(api.heard[0]?.headers["idempotency-key"]).toBe("k1");
  expect(api.heard[0]?.body).toMatchObject({ target: "crm", arguments: { statement: "select 1", maxRows: 100 } });
});

test.each([
  ["denied", ["--wait", "1"], endedView("denied", { code: "REVIEW_TOO_BROAD", note: null }), 1],
  ["expired", ["--wait", "1"], endedView("expired", { code: "TIME_EXPIRED", note: null }), 1],
  ["unknown", ["--wait", "1"], endedView("unknown", { code: "EXEC_UNKNOWN", note: null }), 1],
  ["pending after the wait", ["--wait", "1"], requestView(), 4],
  ["pending, only asked for", ["--wait", "0"], requestView(), 0],
] as const)("request: %s has an exit code of its own", async (_, options, view, code) => {
  answer = () => ({ status: 200, body: view });
  const run = await runCli(["request", "postgres.export", "--target", "crm", ...options, "--json"], { env });
  expect(run.code).toBe(code);
  expect(JSON.parse(run.stdout)).toMatchObject({ id: ID, status: view.status });
});

test("freeze order names its scope, its reason and what runs already", async () => {
  const freeze = {
    id: "frz_1",
    scope: { agent: null, action: null, target: "crm" },
    reason: "x",
    by: { id: "p", name: "O" },
    at: "t",
  };
  answer = () => ({ status: 201, body: { freeze, running: [ID] } });
  const run = await runCli(["freeze", "order", "--target", "crm", "--reason", "incident 4711"], { env });
  expect(run.code).toBe(0);
  expect(run.stdout).toContain(ID);
  expect(api.heard[0]?.body).toEqual({ target: "crm", reason: "incident 4711" });
});

test("a running npm start lends its address and tokens, by --as, and to no other address", async () => {
  const clone = mkdtempSync(join(tmpdir(), "countersign-clone-"));
  try {
    mkdirSync(join(clone, ".countersign"));
    const tokens = { agent: "csk_agent", reviewers: { rita: "csp_rita" } };
    writeFileSync(join(clone, ".countersign", "dev.json"), JSON.stringify({ apiUrl: api.url, tokens }));
    answer = () => ({ status: 200, body: { items: [], nextCursor: null } });
    await runCli(["list"], { cwd: clone });
    await runCli(["list", "--as", "rita"], { cwd: clone });
    expect(api.heard.map((call) => call.headers.authorization)).toEqual(["Bearer csk_agent", "Bearer csp_rita"]);
    const unknown = await runCli(["list", "--as", "nobody"], { cwd: clone });
    expect(unknown).toMatchObject({ code: 2 });
    expect(unknown.stderr).toContain("Known here: rita");
    const elsewhere = await runCli(["list", "--url", "http://127.0.0.1:1"], { cwd: clone });
    expect(elsewhere).toMatchObject({ code: 2 });
  } finally {
    rmSync(clone, { recursive: true });
  }
});
