import { Client, Connection } from "@temporalio/client";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { freePort } from "../../../cli/dev/ports.ts";
import { LIMITS } from "../../../core/limits.ts";
import { createSurfaceTokens } from "../../../crypto/surface-token.ts";
import { recordNext, recordPending, WITHDRAWN } from "../fixture.ts";
import {
  BOB,
  clickOf,
  deliver,
  fakeSlack,
  form,
  PLACE,
  SHOWN,
  type SlackApi,
  signalsOf,
  signed,
  startSlackApi,
  TEAM,
  tokenFor,
  tokens,
  waiting,
} from "./fixture.ts";

let api: SlackApi;
beforeAll(async () => {
  api = await startSlackApi();
});
afterAll(() => api?.stop());

const responseTo = (payload: { [field: string]: unknown }) =>
  api.slack.called(new URL(String(payload.response_url)).pathname);
const toldFor = async (payload: { [field: string]: unknown }) => JSON.stringify((await responseTo(payload)).body);

describe("a click", () => {
  test("is safe with the workflow before it is acknowledged, and says who, what and what was seen", async () => {
    await waiting(api, "req_click");
    const response = await deliver(api, clickOf(api, tokenFor("req_click")));
    expect(response.status).toBe(200);
    const [signal, ...more] = await signalsOf(api, "req_click");
    expect(more).toEqual([]);
    expect(signal).toMatchObject({
      name: "review",
      message: {
        ...{ requestId: "req_click", verb: "approve", principal: "slack:T0HOME/U0ALICE01", channel: "slack" },
        evidence: { method: "slack", credentialId: "A0COUNTER", surface: "srf_1", shown: SHOWN, ...PLACE },
      },
    });
  });

  test("on Stop reaches the workflow as a stop", async () => {
    await waiting(api, "req_stop");
    expect((await deliver(api, clickOf(api, tokenFor("req_stop", { verb: "stop" })))).status).toBe(200);
    expect(await signalsOf(api, "req_stop")).toMatchObject([{ name: "stop", message: { verb: "stop" } }]);
  });

  test("delivered fifty times at once is one message, fifty times", async () => {
    await waiting(api, "req_fifty");
    const call = signed(form(clickOf(api, tokenFor("req_fifty"), { user: { id: BOB, team_id: TEAM } })));
    const responses = await Promise.all(Array.from({ length: 50 }, () => api.call("/slack/events", call)));
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]));
    const signals = await signalsOf(api, "req_fifty");
    expect(signals).toHaveLength(50);
    expect(new Set(signals.map(({ message: { signedAt: _, ...message } }) => JSON.stringify(message))).size).toBe(1);
  });

  test("a second time, by somebody else, or of another card is another message", async () => {
    await waiting(api, "req_other");
    const token = tokenFor("req_other");
    await deliver(api, clickOf(api, token));
    await deliver(api, clickOf(api, token));
    await deliver(api, clickOf(api, token, { user: { id: BOB, team_id: TEAM } }));
    await deliver(api, clickOf(api, { ...token, surface: "srf_2" }));
    const ids = (await signalsOf(api, "req_other")).map(({ message }) => message.id);
    expect(new Set(ids).size).toBe(4);
  });

  test("on a copy of the card in another conversation says where it really was", async () => {
    await waiting(api, "req_copy");
    const elsewhere = { conversation: "C0ELSEWHR", message: "1732448999.000100" };
    const container = { type: "message", message_ts: elsewhere.message, channel_id: elsewhere.conversation };
    const change = { container, channel: { id: elsewhere.conversation } };
    await deliver(api, clickOf(api, tokenFor("req_copy"), change));
    const [signal] = await signalsOf(api, "req_copy");
    expect(signal?.message.evidence).toMatchObject({ surface: "srf_1", ...elsewhere });
  });

  test("on a link asks for nothing and is acknowledged", async () => {
    const actions = [{ type: "button", action_id: "countersign.open", block_id: "b", action_ts: "1.1" }];
    expect((await deliver(api, clickOf(api, tokenFor("req_none"), { actions }))).status).toBe(200);
  });
});

describe("a button that does not hold", () => {
  const otherSecret = createSurfaceTokens("another-surface-secret-0123456789-0123456789");
  const action = (action_id: string, value: string) => ({ actions: [{ action_id, value, action_ts: "1.1" }] });
  const approve = () => tokenFor("req_stale");
  const cases: [string, () => { [field: string]: unknown }][] = [
    ["the value of Approve on Stop", () => action("countersign.stop", tokens.mint(approve()))],
    ["the value of Stop on Approve", () => action("countersign.approve", tokens.mint({ ...approve(), verb: "stop" }))],
    ["the value of Approve on Deny", () => action("countersign.deny", tokens.mint(approve()))],
    ["a value of another secret", () => action("countersign.approve", otherSecret.mint(approve()))],
    ["a value whose time is over", () => action("countersign.approve", tokens.mint({ ...approve(), expiresAt: 1 }))],
    ["no value", () => action("countersign.approve", "")],
    ["a value with a byte changed", () => action("countersign.approve", `${tokens.mint(approve()).slice(0, -1)}!`)],
    ["another conversation than its message is in", () => ({ channel: { id: "C0ELSEWHR" } })],
    ["two buttons at once", () => twice(clickOf(api, approve()))],
  ];
  const twice = ({ actions }: { [field: string]: unknown }) => ({ actions: [actions, actions].flat() });

  beforeAll(() => waiting(api, "req_stale"));

  test.each(cases)("%s: told privately, nothing signalled", async (_what, change) => {
    const payload = clickOf(api, approve(), change());
    expect((await deliver(api, payload)).status).toBe(200);
    expect(await toldFor(payload)).toContain("older than what it is about");
    expect(await signalsOf(api, "req_stale")).toEqual([]);
  });
});

describe("when the workflow engine is away", () => {
  let away: SlackApi;
  beforeAll(async () => {
    away = await startSlackApi({ temporalAddress: `127.0.0.1:${await freePort()}` });
  });
  afterAll(async () => {
    // What was given up is still trying to connect, and must not find its connection closed under it.
    await away?.context.temporal.connection.ensureConnected().catch(() => undefined);
    await away?.stop();
  });

  test("a click is not acknowledged, and the person is told", async () => {
    const payload = clickOf(away, tokenFor("req_away"));
    expect((await deliver(away, payload)).status).toBe(503);
    const told = await away.slack.called(new URL(String(payload.response_url)).pathname);
    expect(JSON.stringify(told.body)).toContain("NOT recorded");
    expect(JSON.stringify(told.body)).toContain(`${away.url}/requests/req_away`);
  });

  test("a form stays open with what was typed, and says that it was not recorded", async () => {
    const opened = { by: "slack:T0HOME/U0ALICE01" as const, ...PLACE };
    const private_metadata = tokens.mint(tokenFor("req_away", { verb: "deny", opened }));
    const values = { reason: { value: { type: "static_select", selected_option: { value: "REVIEW_UNSAFE" } } } };
    const next = { value: { type: "radio_buttons", selected_option: { value: "stop" } } };
    const response = await deliver(away, {
      ...{ type: "view_submission", api_app_id: "A0COUNTER", team: { id: TEAM } },
      user: { id: "U0ALICE01", team_id: TEAM },
      view: { id: "V1", callback_id: "countersign.deny", private_metadata, state: { values: { ...values, next } } },
    });
    expect(await response.json()).toMatchObject({
      response_action: "errors",
      errors: { note: expect.stringContaining("NOT recorded") },
    });
  });
});

test("when the workflow engine does not answer in time nothing is acknowledged, and nobody is told that it is lost", async () => {
  const temporal = new Client({ connection: Connection.lazy({ address: inject("temporalAddress") }) });
  const deaf = { getHandle: () => ({ signal: () => new Promise(() => {}) }) };
  const slow = await startSlackApi({
    overrides: { temporal: Object.assign(Object.create(temporal), { workflow: deaf }) },
  });
  const payload = clickOf(slow, tokenFor("req_deaf"));
  expect((await deliver(slow, payload)).status).toBe(503);
  const told = await slow.slack.called(new URL(String(payload.response_url)).pathname);
  expect(JSON.stringify(told.body)).toContain("It is not known whether your click was recorded.");
  await slow.stop();
});

test("a click needs no database: while it does not answer, the workspace known last stands", async () => {
  const { configuration } = api.context;
  let away = false;
  const never = () => new Promise<never>(() => {});
  const source = {
    current: () => (away ? never() : configuration.current()),
    inForce: () => (away ? never() : configuration.inForce()),
  };
  const lonely = await startSlackApi({ overrides: { configuration: source } });
  await waiting(lonely, "req_lonely");
  expect((await deliver(lonely, clickOf(lonely, tokenFor("req_lonely")))).status).toBe(200);
  away = true;
  expect((await deliver(lonely, clickOf(lonely, tokenFor("req_lonely")))).status).toBe(200);
  expect(await signalsOf(lonely, "req_lonely")).toHaveLength(2);
  await lonely.stop();
});

describe("a private answer", () => {
  test("says who decided what has ended, and is acknowledged", async () => {
    await recordPending(api, "req_ended");
    await recordNext(api, "req_ended", 2, WITHDRAWN);
    const payload = clickOf(api, tokenFor("req_ended"));
    expect((await deliver(api, payload)).status).toBe(200);
    const told = await toldFor(payload);
    expect(told).toContain("Withdrawn by Reporting bot.");
  });

  test("goes to Slack and to nobody else", async () => {
    await recordPending(api, "req_address");
    await recordNext(api, "req_address", 2, WITHDRAWN);
    const trap = await fakeSlack();
    for (const response_url of [
      `${trap.url}/x`,
      `http://${new URL(api.slack.url).host}@${new URL(trap.url).host}/x`,
      `http://user:secret@${new URL(api.slack.url).host}/trap`,
      "file:///etc/passwd",
      "nonsense",
    ]) {
      expect((await deliver(api, clickOf(api, tokenFor("req_address"), { response_url }))).status).toBe(200);
    }
    await deliver(api, clickOf(api, tokenFor("req_address")));
    expect(trap.calls).toEqual([]);
    expect(api.slack.calls.filter(({ path }) => path.includes("trap"))).toEqual([]);
    await trap.stop();
  });
});

test("one account that clicks without end is told to wait, and another one is not held up", async () => {
  const now = Date.now();
  const slow = await startSlackApi({ overrides: { clock: () => now } });
  await waiting(slow, "req_rate");
  const click = (id: string) => clickOf(slow, tokenFor("req_rate"), { user: { id, team_id: TEAM } });
  const many = Array.from({ length: LIMITS.slackClicksPerMinute }, () => deliver(slow, click(BOB)));
  expect(new Set((await Promise.all(many)).map(({ status }) => status))).toEqual(new Set([200]));
  const oneMore = click(BOB);
  expect((await deliver(slow, oneMore)).status).toBe(429);
  const told = await slow.slack.called(new URL(String(oneMore.response_url)).pathname);
  expect(JSON.stringify(told.body)).toContain("NOT recorded");
  expect((await deliver(slow, click("U0CAROL01"))).status).toBe(200);
  expect(await signalsOf(slow, "req_rate")).toHaveLength(LIMITS.slackClicksPerMinute + 1);
  await slow.stop();
});

test("one account cannot fill the history of a request, and its answers to others still arrive", async () => {
  let now = Date.now();
  const slow = await startSlackApi({ overrides: { clock: () => now } });
  await Promise.all([waiting(slow, "req_filled"), waiting(slow, "req_free")]);
  const click = (id: string) => clickOf(slow, tokenFor(id, { expiresAt: now + 3_600_000 }));
  for (let count = 0; count < LIMITS.slackAnswersPerHour; count++) {
    now += 1_100;
    expect((await deliver(slow, click("req_filled"))).status).toBe(200);
  }
  now += 60_000;
  const oneMore = click("req_filled");
  expect((await deliver(slow, oneMore)).status).toBe(503);
  const told = await slow.slack.called(new URL(String(oneMore.response_url)).pathname);
  expect(JSON.stringify(told.body)).toContain("NOT recorded");
  expect((await deliver(slow, click("req_free"))).status).toBe(200);
  expect(await signalsOf(slow, "req_filled")).toHaveLength(LIMITS.slackAnswersPerHour);
  await slow.stop();
});
