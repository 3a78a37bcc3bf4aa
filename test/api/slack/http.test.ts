import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LIMITS } from "../../../core/limits.ts";
import {
  ALICE,
  clickOf,
  deliver,
  FORM,
  form,
  type SlackApi,
  signalsOf,
  signed,
  startSlackApi,
  TEAM,
  tokenFor,
  waiting,
} from "./fixture.ts";

let api: SlackApi;
beforeAll(async () => {
  api = await startSlackApi();
  await waiting(api, "req_http");
});
afterAll(() => api?.stop());

const click = (change = {}) => clickOf(api, tokenFor("req_http"), change);
const status = async (call: RequestInit) => (await api.call("/slack/events", call)).status;
const now = () => Math.floor(Date.now() / 1000);

/** A call that would be taken, with one header taken out or changed. */
function withHeaders(change: { [name: string]: string | undefined }, text = form(click())): RequestInit {
  const call = signed(text);
  const headers = Object.entries({ ...call.headers, ...change }).filter(([, value]) => value !== undefined);
  return { ...call, headers: headers as [string, string][] };
}

describe("what is not Slack's is refused, and nothing is signalled", () => {
  const reencoded = () => {
    const call = signed(form(click()));
    return { ...call, body: String(call.body).replaceAll("%3A", "%3a") };
  };
  const altered = () => {
    const call = signed(form(click()));
    return { ...call, body: String(call.body).replace("req_http", "req_htt0").replace("approvals", "approvalz") };
  };
  const cases: [string, number, () => RequestInit][] = [
    ["without a signature", 401, () => withHeaders({ "x-slack-signature": undefined })],
    ["without a time", 401, () => withHeaders({ "x-slack-request-timestamp": undefined })],
    [
      "without both",
      401,
      () => withHeaders({ "x-slack-signature": undefined, "x-slack-request-timestamp": undefined }),
    ],
    ["with a time that is no number", 401, () => withHeaders({ "x-slack-request-timestamp": "soon" })],
    ["with an empty signature", 401, () => withHeaders({ "x-slack-signature": "" })],
    ["with a signature of another version", 401, () => withHeaders({ "x-slack-signature": `v1=${"0".repeat(64)}` })],
    ["signed with another secret", 401, () => signed(form(click()), { secret: "f".repeat(32) })],
    ["with one byte altered", 401, altered],
    ["encoded again, with the same meaning", 401, reencoded],
    ["of an hour ago", 401, () => signed(form(click()), { at: now() - 3600 })],
    ["of five minutes and a bit ago", 401, () => signed(form(click()), { at: now() - 310 })],
    ["of an hour ahead", 401, () => signed(form(click()), { at: now() + 3600 })],
    ["of five minutes and a bit ahead", 401, () => signed(form(click()), { at: now() + 310 })],
    ["a body larger than 256 KB", 413, () => signed(`payload=${"x".repeat(LIMITS.bodyBytes)}`)],
    ["as plain text", 415, () => signed(form(click()), { type: "text/plain" })],
    ["as JSON that is a form", 400, () => signed(form(click()), { type: "application/json" })],
    ["as a form that is not JSON inside", 400, () => signed("payload=%7B")],
    ["an empty body", 400, () => signed("")],
    ["something nobody knows", 400, () => signed(form({ type: "shortcut", api_app_id: "A0COUNTER" }))],
  ];

  test.each(cases)("%s: %i", async (_what, expected, call) => {
    expect(await status(call())).toBe(expected);
  });

  test("none of it reached the workflow", async () => {
    expect(await signalsOf(api, "req_http")).toEqual([]);
  });

  test.each(["GET", "PUT", "DELETE", "PATCH", "QUERY"])("%s is no way in", async (method) => {
    expect(await status({ method })).toBe(405);
    expect(await signalsOf(api, "req_http")).toEqual([]);
  });
});

describe("a check of the line", () => {
  test("is answered, and whatever came along with it is not taken", async () => {
    const text = `ssl_check=1&${form(click())}`;
    expect(await status({ method: "POST", headers: { "content-type": FORM }, body: text })).toBe(200);
    expect(await signalsOf(api, "req_http")).toEqual([]);
  });

  test("the address can be proved to Slack", async () => {
    const body = JSON.stringify({ type: "url_verification", challenge: "c-1" });
    const response = await api.call("/slack/events", signed(body, { type: "application/json" }));
    expect([response.status, await response.json()]).toEqual([200, { challenge: "c-1" }]);
  });
});

describe("one app in one workspace, and only its own people", () => {
  const user = (team: unknown) => ({ id: ALICE, username: "alice", team_id: team });
  const foreign: [string, object][] = [
    ["another app", { api_app_id: "A0OTHER01" }],
    ["another workspace", { team: { id: "T0OTHER01", domain: "other" } }],
    ["no workspace", { team: null }],
    ["a workspace left out", { team: undefined }],
    ["an installation for a whole organisation", { is_enterprise_install: true }],
    ["the same as text", { is_enterprise_install: "true" }],
    ["a conversation shared with another organisation", { channel: { id: "C0APPROVE", is_ext_shared: true } }],
  ];

  test.each(foreign)("%s is refused in silence", async (_what, change) => {
    const before = api.slack.calls.length;
    expect((await deliver(api, click(change))).status).toBe(403);
    expect(await signalsOf(api, "req_http")).toEqual([]);
    expect(api.slack.calls.length).toBe(before);
  });

  test.each([
    ["of another workspace", "T0OTHER01"],
    ["of none", null],
  ])("a person %s is told that they are outside, and nothing is recorded", async (_what, team) => {
    const payload = click({ user: user(team) });
    const response = await deliver(api, payload);
    expect(response.status).toBe(200);
    const told = await api.slack.called(new URL(String(payload.response_url)).pathname);
    expect(told.body).toMatchObject({ response_type: "ephemeral", replace_original: false });
    expect(JSON.stringify(told.body)).toContain("another workspace");
    expect(await signalsOf(api, "req_http")).toEqual([]);
  });

  test("a command and an event of another workspace are refused too", async () => {
    const command = new URLSearchParams({
      ...{ command: "/approvals", text: "", team_id: "T0OTHER01", user_id: ALICE, channel_id: "C0APPROVE" },
      ...{ api_app_id: "A0COUNTER", is_enterprise_install: "false", response_url: `${api.slack.url}/r` },
    });
    expect(await status(signed(command.toString()))).toBe(403);
    const event = { type: "event_callback", team_id: TEAM, api_app_id: "A0COUNTER" };
    const opened = { type: "app_home_opened", user: ALICE, tab: "home" };
    for (const change of [
      { team_id: "T0OTHER01" },
      { team_id: null },
      { api_app_id: "A0OTHER01" },
      { is_ext_shared_channel: true },
      { authorizations: [{ team_id: TEAM, is_enterprise_install: true }] },
      { authorizations: [{ team_id: "T0OTHER01" }] },
    ]) {
      const body = JSON.stringify({ ...event, ...change, event: opened });
      expect(await status(signed(body, { type: "application/json" }))).toBe(403);
    }
  });
});
