import { afterAll, beforeAll, expect, test } from "vitest";
import { answerCommand } from "../../../api/slack/command.ts";
import { connect } from "../../../db/client.ts";
import { CHANNELS } from "../../support/slack/workspace.ts";
import { recordPending } from "../fixture.ts";
import { accountOf, buttonsOf, type Desk, desk, wordsOf } from "./fixture.ts";

const TITLE = "Export 12,400 rows of customers";
let d: Desk;
beforeAll(async () => {
  d = await desk();
  await recordPending(d.api, "req_typed");
});
afterAll(() => d.stop());

test("a guest, a bot, a stranger and an unlinked account are shown no request, whatever they type", async () => {
  for (const who of ["guest", "bot", "stranger", "carol"] as const) {
    for (const text of ["", "mine", "show req_typed", "delegate <@U0ALICE01|alice> 3d", "delegate off", "doctor"]) {
      const answer = await d.type(who, text);
      expect(wordsOf(answer)).not.toContain(TITLE);
      expect(buttonsOf(answer)).toEqual([]);
    }
  }
});

test("what waits for somebody is listed with its details, and nothing can be decided on the list", async () => {
  const answer = await d.type("alice", "");
  expect(wordsOf(answer)).toContain(TITLE);
  const actions = buttonsOf(answer).map((button) => button.action_id);
  expect(actions.sort()).toEqual(["countersign.details", "countersign.open"]);
});

test("one request is shown to whoever may read it; to others it looks like one that never was", async () => {
  const shown = await d.type("alice", "show req_typed");
  expect(wordsOf(shown)).toContain(TITLE);
  expect(buttonsOf(shown).map((button) => button.action_id)).toEqual(["countersign.details", "countersign.open"]);
  await recordPending(d.api, "req_theirs", (state) => ({
    ...state,
    requirement: state.requirement && {
      ...state.requirement,
      slots: [{ from: "group:privacy-oncall", count: 1, escalate: [] }],
    },
  }));
  expect(await d.type("alice", "show req_theirs")).toEqual(await d.type("alice", "show req_never"));
});

test("a decision that is typed decides nothing, and says what to do", async () => {
  for (const text of ["approve req_typed", "deny req_typed", "flag req_typed"]) {
    expect(wordsOf(await d.type("alice", text))).toContain("Nothing was decided");
  }
  const { count } = (await d.api.admin.sql`select count(*)::int as count from messages`)[0] ?? {};
  expect(count).toBe(0);
});

test("what an agent wrote is data in every answer: no mention, no link, no markup of its own", async () => {
  const rows = d.api.admin.sql`select state from requests where id = 'req_typed'`;
  expect(await rows).toHaveLength(1);
  const evil = "<!channel> <@U0BOB0001> *bold* `code` <https://evil.example|ok>";
  await d.api.admin.sql`
    update evaluations set description = replace(description::text, ${TITLE}, ${evil})::json where request_id = 'req_typed'`;
  for (const text of ["", "show req_typed"]) {
    const answer = await d.type("alice", text);
    for (const leaf of markupOf(answer)) expect(leaf).not.toContain("evil.example");
    expect(answer.text).not.toContain("evil.example");
    expect(JSON.stringify(answer)).toContain("evil.example");
  }
  await d.api.admin.sql`
    update evaluations set description = replace(description::text, ${evil}, ${TITLE})::json where request_id = 'req_typed'`;
});

test("nothing waiting is said, also when the requests are of one's own agent", async () => {
  expect(wordsOf(await d.type("omar", ""))).toContain("Nothing waits for you.");
  const dana = await d.browser("person:dana");
  const url = buttonsOf(await d.type("dana", "link"))[0]?.url ?? "";
  const path = url.slice(d.api.url.length);
  await dana.post("/link", path, { token: path.replace(/^.*token=/, "") });
  const mine = wordsOf(await d.type("dana", "mine"));
  expect(mine).toContain(TITLE);
  const list = wordsOf(await d.type("dana", ""));
  expect(list).toContain("Nothing waits for you. What waits for others of your groups is in this app's home.");
});

test("the set-up is checked as far as the caller may see it", async () => {
  expect(wordsOf(await d.type("alice", "doctor"))).not.toContain("workflow engine");
  expect(wordsOf(await d.type("omar", "doctor"))).toContain("The workflow engine answers.");
});

test("a database that is away is said in one clear sentence, whatever was typed", async () => {
  const away = connect("postgres://nobody:nothing@127.0.0.1:1/none");
  const lost = { ...d.slack, api: { ...d.api.context, database: away } };
  for (const text of ["", "show req_typed", "delegate off", "mine"]) {
    const answer = await answerCommand(lost, {
      ...{ account: accountOf("alice"), command: "/approvals", text },
      ...{ conversation: CHANNELS.elsewhere, triggerId: null },
    });
    expect(wordsOf(answer)).toContain("The database does not answer.");
    expect(wordsOf(answer)).toContain("Nothing was changed.");
  }
  await away.close();
});

test("whom Slack cannot be asked about is told so, and is nobody until it answers", async () => {
  const { slack } = d;
  const silent = {
    ...slack,
    identify: async () => ({ kind: "refused" as const, code: "REVIEW_IDENTITY_UNAVAILABLE" }),
  };
  const answer = await answerCommand(silent, {
    ...{ account: accountOf("alice"), command: "/approvals", text: "show req_typed" },
    ...{ conversation: CHANNELS.elsewhere, triggerId: null },
  });
  expect(wordsOf(answer)).toContain("Slack did not say who you are");
});

/** Every text that Slack would read as markup. */
function markupOf(shown: unknown): string[] {
  if (typeof shown !== "object" || shown === null) return [];
  const own = "type" in shown && shown.type === "mrkdwn" && "text" in shown ? [String(shown.text)] : [];
  return [...own, ...Object.values(shown).flatMap(markupOf)];
}
