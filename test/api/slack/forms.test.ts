import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { INPUT, INPUT_ACTION } from "../../../channels/slack/inputs.ts";
import type { Digest } from "../../../core/request.ts";
import { freezesInForce } from "../../../db/admin.ts";
import { requestById } from "../../../db/read/requests.ts";
import { renderShown } from "../../../db/renders.ts";
import { eventually } from "../../support/eventually.ts";
import { recordNext, recordPending } from "../fixture.ts";
import {
  ALICE,
  APP,
  BOB,
  clickOf,
  deliver,
  PLACE,
  SHOWN,
  type SlackApi,
  signalsOf,
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
beforeEach(() => {
  api.slack.calls.length = 0;
  api.slack.answers.clear();
});

/** The policy of this request takes answers in Slack. */
const recordOpen = (requestId: string) =>
  recordPending(api, requestId, (state) => {
    const { requirement } = state;
    return { ...state, requirement: requirement && { ...requirement, channels: ["page", "api", "slack"] } };
  });

type View = { callback_id: string; private_metadata: string; blocks: unknown[]; submit?: unknown };
let views = 0;

/** Opens what a button opens, and answers with the view as the person has it in front of them. */
async function opened(requestId: string, verb: "deny" | "flag" | "details", user = ALICE): Promise<View> {
  const token = tokenFor(requestId, { verb });
  const click = clickOf(api, token, { user: { id: user, team_id: TEAM } });
  expect((await deliver(api, click)).status).toBe(200);
  const call = await api.slack.called(verb === "details" ? "views.update" : "views.open");
  return call.body.view as View;
}

const input = (type: string, change: object) => ({ [INPUT_ACTION]: { type, ...change } });
const chosen = (value: string) => input("static_select", { selected_option: { value } });
const typed = (value: string | null) => input("plain_text_input", { value });
const DENIED = {
  [INPUT.reason]: chosen("REVIEW_TOO_BROAD"),
  [INPUT.next]: chosen("again"),
  [INPUT.note]: typed("Fewer."),
};
const FLAGGED = { [INPUT.reason]: chosen("REVIEW_SUSPICIOUS"), [INPUT.note]: typed("Odd hour.") };
const PAUSE = { [INPUT.pause]: input("checkboxes", { selected_options: [{ value: INPUT.pause }] }) };

async function submit(view: Pick<View, "callback_id" | "private_metadata">, values: object, change: object = {}) {
  views += 1;
  const response = await deliver(api, {
    ...{ type: "view_submission", api_app_id: APP, is_enterprise_install: false },
    ...{ team: { id: TEAM }, user: { id: ALICE, team_id: TEAM } },
    view: {
      id: `V${views}`,
      callback_id: view.callback_id,
      private_metadata: view.private_metadata,
      state: { values },
    },
    ...change,
  });
  const text = await response.text();
  return { status: response.status, answer: text === "" ? null : JSON.parse(text) };
}

describe("the form of a deny", () => {
  test("opens with the click's own trigger and names the request", async () => {
    await recordOpen("req_form");
    const view = await opened("req_form", "deny");
    expect(view.callback_id).toBe("countersign.deny");
    expect(JSON.stringify(view.blocks)).toContain("Export 12,400 rows");
    expect(tokens.read(view.private_metadata)).toMatchObject({
      ...{ requestId: "req_form", verb: "deny", surface: "srf_1", shown: SHOWN },
      opened: { by: `slack:${TEAM}/${ALICE}`, ...PLACE },
    });
  });

  test("opens without the record too", async () => {
    const view = await opened("req_nowhere", "deny");
    expect(JSON.stringify(view.blocks)).toContain("req_nowhere");
  });

  test("sent, is with the workflow before it closes: reason, note and what next", async () => {
    await waiting(api, "req_deny");
    const { status, answer } = await submit(await opened("req_deny", "deny"), DENIED);
    expect([status, answer]).toEqual([200, null]);
    expect(await signalsOf(api, "req_deny")).toMatchObject([
      {
        name: "review",
        message: {
          ...{ verb: "deny", reason: "REVIEW_TOO_BROAD", note: "You may ask again with changes.\nFewer." },
          evidence: { surface: "srf_1", ...PLACE },
        },
      },
    ]);
  });

  test("keeps what was typed and says what is missing", async () => {
    const view = await opened("req_form", "deny");
    const wrong = { ...DENIED, [INPUT.reason]: chosen("REVIEW_OTHER"), [INPUT.note]: typed(null) };
    expect(await submit(view, wrong)).toEqual({
      status: 200,
      answer: { response_action: "errors", errors: { [INPUT.note]: "This reason needs a note." } },
    });
    expect((await submit(view, {})).answer).toMatchObject({
      response_action: "errors",
      errors: { reason: expect.any(String) },
    });
  });
});

describe("whose form it is", () => {
  test("opened by one person and sent as another, it counts for nobody", async () => {
    await waiting(api, "req_theirs");
    const view = await opened("req_theirs", "deny");
    const { answer } = await submit(view, DENIED, { user: { id: BOB, team_id: TEAM } });
    expect(answer).toMatchObject({ response_action: "update" });
    expect(JSON.stringify(answer)).toContain("Somebody else opened this form.");
    expect(await signalsOf(api, "req_theirs")).toEqual([]);
  });

  test("the value of a button is no form's, one form's is not another's, and an old one is over", async () => {
    await waiting(api, "req_moved");
    const { private_metadata } = await opened("req_moved", "deny");
    const over = tokens.mint({ ...tokenFor("req_moved", { verb: "deny" }), expiresAt: 1 });
    for (const [callback_id, metadata] of [
      ["countersign.deny", tokens.mint(tokenFor("req_moved", { verb: "deny" }))],
      ["countersign.flag", private_metadata],
      ["countersign.details", private_metadata],
      ["countersign.other", private_metadata],
      ["countersign.deny", over],
      ["countersign.deny", ""],
      ["countersign.deny", `${private_metadata}x`],
    ] as const) {
      const { answer } = await submit({ callback_id, private_metadata: metadata }, { ...DENIED, ...FLAGGED });
      expect(answer).toMatchObject({ response_action: "update" });
    }
    expect(await signalsOf(api, "req_moved")).toEqual([]);
  });

  test("delivered again, it is the same message", async () => {
    await waiting(api, "req_again");
    const view = await opened("req_again", "deny");
    const again = { view: { id: "V_SAME", ...view, state: { values: DENIED } } };
    await Promise.all([submit(view, DENIED, again), submit(view, DENIED, again)]);
    const ids = (await signalsOf(api, "req_again")).map(({ message }) => message.id);
    expect([ids.length, new Set(ids).size]).toEqual([2, 1]);
  });
});

test("what became of a form is told in a direct message, which names the request, as no card stands above it", async () => {
  await Promise.all([waiting(api, "req_direct"), recordPending(api, "req_direct")]);
  await submit(await opened("req_direct", "deny"), DENIED);
  const people = ["person:bob" as const];
  await recordNext(api, "req_direct", 2, { status: "denied", reasons: [], decidedBy: "people", people, report: null });
  const told = await api.slack.called("chat.postMessage", (call) => JSON.stringify(call.body).includes("req_direct"));
  expect(JSON.stringify(told.body)).toContain("It was about req_direct.");
  expect(JSON.stringify(told.body)).toContain("/requests/req_direct");
});

describe("the form of a flag", () => {
  const frozen = () => freezesInForce(api.context.database, async () => true);

  test("needs a note, and offers to pause the agent to whoever may flag", async () => {
    await recordOpen("req_flag");
    const view = await opened("req_flag", "flag");
    expect(JSON.stringify(view.blocks)).toContain("Pause Reporting bot");
    expect((await submit(view, { ...FLAGGED, [INPUT.note]: typed(" ") })).answer.errors).toHaveProperty(INPUT.note);
  });

  test("pauses the agent after the flag is with the workflow, once, in the person's name", async () => {
    await waiting(api, "req_pause");
    await recordOpen("req_pause");
    const view = await opened("req_pause", "flag");
    expect((await submit(view, { ...FLAGGED, ...PAUSE })).answer).toBeNull();
    expect(await signalsOf(api, "req_pause")).toMatchObject([{ name: "review", message: { verb: "flag" } }]);
    await api.slack.called("chat.postMessage", (call) => JSON.stringify(call.body).includes("is paused"));
    const orders = (await frozen()).map((order) => order.content);
    expect(orders).toMatchObject([{ by: "person:alice", scope: { agent: "agent:reporting-bot", actionType: null } }]);
  });

  test("pauses nothing where nothing is decided in Slack, not even by a form that was opened before", async () => {
    await waiting(api, "req_told_only");
    await recordOpen("req_told_only");
    const view = await opened("req_told_only", "flag");
    const { slack } = await api.context.configuration.current();
    if (slack === null) throw new Error("there is no Slack");
    const before = (await frozen()).length;
    slack.allowDecisions = false;
    try {
      await submit(view, { ...FLAGGED, ...PAUSE });
      await api.slack.called("chat.postMessage", (call) => JSON.stringify(call.body).includes("NOT paused"));
    } finally {
      slack.allowDecisions = true;
    }
    expect((await frozen()).length).toBe(before);
  });

  test("pauses nothing for somebody who may not flag, and says so", async () => {
    await waiting(api, "req_stranger");
    await recordOpen("req_stranger");
    api.slack.answers.set("users.info", { user: { id: "U0NOBODY1", team_id: TEAM, name: "nobody", profile: {} } });
    const user = { id: "U0NOBODY1", team_id: TEAM };
    const before = (await frozen()).length;
    const view = await opened("req_stranger", "flag", "U0NOBODY1");
    expect(JSON.stringify(view.blocks)).not.toContain("Pause");
    expect((await submit(view, { ...FLAGGED, ...PAUSE }, { user })).answer).toBeNull();
    await api.slack.called("chat.postMessage", (call) => JSON.stringify(call.body).includes("NOT paused"));
    expect((await frozen()).length).toBe(before);
  });
});

describe("the details", () => {
  test("that do not offer to approve do not approve, however they are sent", async () => {
    await waiting(api, "req_elsewhere");
    // Its policy takes no answers in Slack.
    await recordPending(api, "req_elsewhere");
    const view = await opened("req_elsewhere", "details");
    expect(JSON.stringify(view.blocks)).toContain("select id from customers");
    expect(view.submit).toBeUndefined();
    const { answer } = await submit(view, { [INPUT.note]: typed("Fine.") });
    expect(answer).toMatchObject({ response_action: "update" });
    expect(await signalsOf(api, "req_elsewhere")).toEqual([]);
  });

  test("open at once, are filled from the record, and are kept as they were shown", async () => {
    await recordOpen("req_details");
    const view = await opened("req_details", "details");
    const { body } = await api.slack.called("views.open");
    expect(JSON.stringify(body)).toContain("Reading the record");
    expect(JSON.stringify(view.blocks)).toContain("select id from customers");
    const token = tokens.read(view.private_metadata);
    expect(token).toMatchObject({
      requestId: "req_details",
      verb: "approve",
      opened: { by: `slack:${TEAM}/${ALICE}` },
    });
    const kept = await renderShown(api.context.database, token?.surface ?? "", token?.shown as Digest);
    expect(kept).toMatchObject({ requestId: "req_details" });
  });

  test("approve what they showed, by whoever opened them, with a note", async () => {
    await waiting(api, "req_review");
    await recordOpen("req_review");
    const view = await opened("req_review", "details");
    expect(view.submit).toBeDefined();
    const token = tokens.read(view.private_metadata);
    expect((await submit(view, { [INPUT.note]: typed("Fine.") })).answer).toBeNull();
    const record = await requestById(api.context.database, "req_review");
    expect(await signalsOf(api, "req_review")).toMatchObject([
      {
        name: "review",
        message: {
          ...{ verb: "approve", note: "Fine.", factsDigest: record?.state?.factsDigest },
          evidence: { surface: token?.surface, shown: token?.shown, conversation: null, message: null },
        },
      },
    ]);
  });

  test("are not for somebody whom the request does not concern", async () => {
    await recordOpen("req_private");
    api.slack.answers.set("users.info", { user: { id: "U0NOBODY1", team_id: TEAM, name: "nobody", profile: {} } });
    const view = await opened("req_private", "details", "U0NOBODY1");
    expect(JSON.stringify(view)).not.toContain("select id");
    expect(view.submit).toBeUndefined();
  });

  test("without a trigger that is good nothing is acknowledged, and the person is told", async () => {
    api.slack.answers.set("views.open", { ok: false, error: "expired_trigger_id" });
    const click = clickOf(api, tokenFor("req_details", { verb: "details" }));
    expect((await deliver(api, click)).status).toBe(503);
    const told = await eventually("a private answer", () =>
      api.slack.calls.find((one) => one.path.startsWith("/response/")),
    );
    expect(JSON.stringify(told.body)).toContain("/requests/req_details");
  });
});
