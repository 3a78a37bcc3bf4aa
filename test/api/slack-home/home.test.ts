import { afterAll, beforeAll, expect, test } from "vitest";
import { publishHome } from "../../../api/slack/home.ts";
import { drawHome } from "../../../channels/slack/draw-home.ts";
import { connect } from "../../../db/client.ts";
import { ACCOUNTS, type Account } from "../../support/slack/workspace.ts";
import { recordNext, recordPending, WITHDRAWN } from "../fixture.ts";
import { accountOf, buttonsOf, type Desk, desk, wordsOf } from "./fixture.ts";

let d: Desk;
beforeAll(async () => {
  d = await desk();
});
afterAll(() => d.stop());

/** What the app shows somebody as its home, after they opened it or used one of its buttons. */
async function home(who: Account, button: string | null = null) {
  await publishHome(d.slack, accountOf(who), button);
  const view = await d.double.home(ACCOUNTS[who]);
  return { words: wordsOf(view?.blocks), buttons: buttonsOf(view?.blocks), blocks: view?.blocks.length ?? 0 };
}

const TITLE = "Export 12,400 rows of customers";
const hold = { by: "person:bob" as const, since: Date.now(), expiresAt: Date.now() + 60_000, remainingMs: 5 };

test("a guest, a bot, a stranger and an unlinked account see one sentence and no request", async () => {
  await recordPending(d.api, "req_secret");
  for (const [who, why] of [
    ["guest", "Guests of the workspace cannot answer."],
    ["bot", "is a bot's"],
    ["stranger", "belongs to another workspace"],
    ["carol", "/approvals link"],
  ] as const) {
    const { words, buttons } = await home(who);
    expect(words).toContain(why);
    expect(words).not.toContain(TITLE);
    expect(buttons.map((button) => button.action_id)).toEqual(["countersign.open"]);
  }
});

test("a person sees only what concerns them", async () => {
  expect((await home("alice")).words).toContain(TITLE);
  expect((await home("omar")).words).not.toContain(TITLE);
});

test("nothing is answered on it: a request opens its details, which say which request they are of", async () => {
  const { buttons } = await home("alice");
  const verbs = new Set(buttons.map((button) => button.action_id));
  expect([...verbs].sort()).toEqual(["countersign.details", "countersign.open"]);
  const details = buttons.find((button) => button.action_id === "countersign.details");
  expect(d.slack.tokens.read(details?.value ?? "")).toMatchObject({
    ...{ requestId: "req_secret", verb: "details", surface: "home", opened: null },
  });
});

test("what was decided moves to the list of what was decided", async () => {
  await recordPending(d.api, "req_ended");
  await recordNext(d.api, "req_ended", 2, WITHDRAWN);
  const { words } = await home("alice");
  const [waiting = "", decided = ""] = words.split("Decided in the last 7 days");
  expect(waiting.split(TITLE)).toHaveLength(2);
  expect(decided).toContain("withdrawn");
});

test("whoever looks after holds sees what is held, and nobody else has that list", async () => {
  await recordPending(d.api, "req_held", (state) => ({ ...state, phase: "held", hold }));
  expect((await home("omar")).words).toMatch(/Held for auditors\s+Export 12,400/);
  expect((await home("alice")).words).not.toContain("Held for auditors");
});

test("every request can be reached by turning pages, and back to the beginning", async () => {
  const many = Array.from({ length: 20 }, (_, index) => `req_page${index}`);
  for (const id of many) await recordPending(d.api, id);
  const seen = new Set<string>();
  let shown = await home("alice");
  const ids = () => {
    const values = shown.buttons.filter((one) => one.action_id === "countersign.details").map((one) => one.value ?? "");
    return values.map((value) => d.slack.tokens.read(value)?.requestId ?? "");
  };
  const first = ids();
  const turn = (direction: string) => shown.buttons.find((one) => one.action_id.endsWith(`${direction}.me`))?.value;
  let pages = 0;
  for (let older: string | undefined = "begin"; older !== undefined; older = turn("older")) {
    if (older !== "begin") shown = await home("alice", older);
    expect(shown.blocks).toBeLessThanOrEqual(100);
    for (const id of ids()) seen.add(id);
    pages += 1;
  }
  expect(pages).toBe(3);
  expect([...seen]).toEqual(expect.arrayContaining(many));
  for (let newer = turn("newer"); newer !== undefined; newer = turn("newer")) shown = await home("alice", newer);
  expect(ids()).toEqual(first);
});

test("a button value that was not ours is the beginning, and shows nothing that the person may not see", async () => {
  for (const value of ["", "{}", '["held"]', '["me","x".repeat]', `["me","${"A".repeat(50)}"]`, "x".repeat(2_000)]) {
    const { words } = await home("carol", value);
    expect(words).not.toContain(TITLE);
    expect((await home("alice", value)).words).not.toContain("Held for auditors");
  }
});

test("a database that is away is said, and so is Slack not knowing who somebody is", async () => {
  const away = connect("postgres://nobody:nothing@127.0.0.1:1/none");
  const { slack } = d;
  const view: unknown[] = [];
  const lost = { ...slack, api: { ...slack.api, database: away } };
  await publishHome(lost, accountOf("alice"), null);
  view.push((await d.double.home(ACCOUNTS.alice))?.blocks);
  expect(wordsOf(view)).toContain("The database does not answer.");
  await away.close();

  const deaf = { ...slack, identify: async () => ({ kind: "refused" as const, code: "REVIEW_IDENTITY_UNAVAILABLE" }) };
  await publishHome(deaf, accountOf("alice"), null);
  expect(wordsOf((await d.double.home(ACCOUNTS.alice))?.blocks)).toContain("Slack did not say who you are");
});

test("all five lists, full, fit into one view", () => {
  const item = {
    ...{ requestId: "req_1", title: { agent: "t" }, ending: "e", line: ["l"], pageUrl: "https://a.example/r" },
    details: "v",
  };
  const list = { items: Array.from({ length: 50 }, () => item), newer: "n", older: "o" };
  const lists = (["me", "groups", "held", "asked", "decided"] as const).map((name) => ({ ...list, name }));
  expect(drawHome({ person: "Alice", lists, pageUrl: "https://a.example" }, "classic").blocks.length).toBeLessThan(101);
});
