import { afterAll, beforeAll, expect, test } from "vitest";
import { createLog } from "../../../config/log.ts";
import { recordPending } from "../fixture.ts";
import {
  ALICE,
  clickOf,
  deliver,
  FORM,
  SECRET,
  type SlackApi,
  SURFACE_SECRET,
  signed,
  startSlackApi,
  TEAM,
  tokenFor,
  waiting,
} from "./fixture.ts";

const lines: string[] = [];
let api: SlackApi;
beforeAll(async () => {
  const log = createLog({ mode: "production", logLevel: "debug", role: "api" }, { write: (line) => lines.push(line) });
  api = await startSlackApi({ overrides: { log } });
  await Promise.all([waiting(api, "req_quiet"), recordPending(api, "req_quiet")]);
});
afterAll(() => api?.stop());

const TRIGGER = "13345224609.738474920.8088930838d88f008e0a0123456789ab";

test("no token, secret, trigger, answer address or button value reaches a log at debug", async () => {
  const responses: string[] = [];
  const values: string[] = [];
  const use = (verb: "approve" | "deny" | "details", change: object = {}) => {
    const payload = { ...clickOf(api, tokenFor("req_quiet", { verb }), { trigger_id: TRIGGER }), ...change };
    responses.push(new URL(String(payload.response_url)).pathname);
    values.push(String((payload.actions as { value: string }[])[0]?.value));
    return deliver(api, payload);
  };
  // Taken, refused for each kind of reason, and failing because Slack does not answer.
  await use("approve");
  await use("deny");
  await use("details");
  await use("approve", { api_app_id: "A0OTHER01" });
  await use("approve", { user: { id: ALICE, team_id: "T0OTHER01" } });
  await use("approve", { actions: [{ action_id: "countersign.stop", value: values[0], action_ts: "1.1" }] });
  api.slack.answers.set("views.open", null).set("views.update", { ok: false, error: "invalid_blocks" });
  api.slack.answers.set("users.info", { ok: false, error: "invalid_auth" });
  await use("deny");
  await use("details");
  api.slack.answers.set("views.open", { view: { id: "V1" } });
  await use("details");
  for (const text of [`payload=%7B%22trigger_id%22%3A%22${TRIGGER}`, `${"x".repeat(300)}`]) {
    await api.call("/slack/events", signed(text));
    await api.call("/slack/events", { method: "POST", headers: { "content-type": FORM }, body: text });
  }
  const command = new URLSearchParams({
    ...{ command: "/approvals", text: `help ${TRIGGER}`, team_id: TEAM, user_id: ALICE, channel_id: "C0APPROVE" },
    ...{ api_app_id: "A0COUNTER", response_url: `${api.slack.url}/response/command`, trigger_id: TRIGGER },
  });
  await api.call("/slack/events", signed(command.toString()));
  await api.slack.called("/response/command");

  const log = lines.join("");
  expect(lines.length).toBeGreaterThan(10);
  expect(log).toContain("another app");
  for (const secret of ["xoxb-test", SECRET, SURFACE_SECRET, TRIGGER, ...values, ...responses]) {
    expect(log).not.toContain(secret);
  }
});

test("looking at any address with GET changes nothing and signals nothing", async () => {
  const everything = () => api.admin.sql`
    select (select count(*) from journal) j, (select count(*) from messages) m, (select count(*) from freezes) f,
      (select count(*) from renders) r, (select count(*) from surfaces) s, (select count(*) from audit_events) e`;
  const before = await everything();
  const calls = api.slack.calls.length;
  const events = async () =>
    (await api.context.temporal.workflow.getHandle("req_quiet").fetchHistory()).events?.length ?? 0;
  const history = await events();
  for (const path of ["/slack/events", "/slack/events?payload=x", "/requests/req_quiet", "/", "/account", "/slack"]) {
    for (const method of ["GET", "HEAD"]) await api.call(path, { method });
  }
  expect(await everything()).toEqual(before);
  expect(await events()).toBe(history);
  expect(api.slack.calls.length).toBe(calls);
});
