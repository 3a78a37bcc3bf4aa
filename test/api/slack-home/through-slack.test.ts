import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "../../support/eventually.ts";
import { ACCOUNTS, CHANNELS } from "../../support/slack/workspace.ts";
import { recordPending } from "../fixture.ts";
import { type Desk, desk, wordsOf } from "./fixture.ts";

const TITLE = "Export 12,400 rows of customers";
let d: Desk;
beforeAll(async () => {
  d = await desk({ connected: true });
  for (let index = 0; index < 10; index += 1) await recordPending(d.api, `req_through${index}`);
  await until(async () => (await d.api.call("/readyz")).status === 200);
});
afterAll(() => d.stop());

test("what somebody types in a conversation is answered to them alone", async () => {
  await d.double.command(ACCOUNTS.alice, "", CHANNELS.elsewhere);
  await until(async () => (await privately("alice")).includes(TITLE));
  await d.double.command(ACCOUNTS.guest, "", CHANNELS.elsewhere);
  await until(async () => (await privately("guest")).includes("Guests of the workspace cannot answer."));
  const everybody = (await d.double.messages(CHANNELS.elsewhere)).filter((one) => one.ephemeral_to === undefined);
  expect(everybody).toEqual([]);
});

test("the home is drawn when it is opened, and its pages are turned", async () => {
  await d.double.openHome(ACCOUNTS.alice);
  await until(async () => (await homeOf("alice")).includes(TITLE));
  expect(await homeOf("alice")).not.toContain("← Newer");
  await d.double.clickHome(ACCOUNTS.alice, "countersign.home.older.me");
  await until(async () => (await homeOf("alice")).includes("← Newer"));
  await d.double.clickHome(ACCOUNTS.alice, "countersign.home.newer.me");
  await until(async () => !(await homeOf("alice")).includes("← Newer"));
});

test("an account that was linked a moment ago is somebody at once", async () => {
  await d.double.command(ACCOUNTS.carol, "mine", CHANNELS.elsewhere);
  await until(async () => (await privately("carol")).includes("Nobody in the directory has this account."));
  await d.double.command(ACCOUNTS.carol, "link", CHANNELS.elsewhere);
  await until(async () => /link\?token=/.test(await privately("carol")));
  const [path = ""] = /\/link\?token=\S+/.exec(await privately("carol")) ?? [];
  const carol = await d.browser("person:carol");
  await carol.post("/link", path, { token: path.replace(/^.*token=/, "") });
  await d.double.command(ACCOUNTS.carol, "mine", CHANNELS.elsewhere);
  await until(async () => (await privately("carol")).includes("None of your agents has asked for anything"));
});

test("details open from the home, for whoever may read the request", async () => {
  await d.double.openHome(ACCOUNTS.alice);
  await until(async () => (await homeOf("alice")).includes("Details"));
  await d.double.clickHome(ACCOUNTS.alice, "countersign.details");
  const view = await d.double.modalLike((one) => wordsOf(one.blocks).includes("select id from customers"));
  expect(view.callback_id).toBe("countersign.details");
});

test("details open from a private answer too", async () => {
  await d.double.command(ACCOUNTS.bob, "show req_through3", CHANNELS.elsewhere);
  const answer = await d.double.message(CHANNELS.elsewhere, (one) => wordsOf(one).includes("req_through3"));
  expect(answer.ephemeral_to).toBe(ACCOUNTS.bob);
  await d.double.click(ACCOUNTS.bob, CHANNELS.elsewhere, answer.ts, "countersign.details");
  await d.double.modalLike((one) => wordsOf(one.blocks).includes("req_through3"));
});

async function privately(who: keyof typeof ACCOUNTS): Promise<string> {
  return (await d.double.privately(ACCOUNTS[who])).map((one) => wordsOf(one)).join("\n");
}

async function homeOf(who: keyof typeof ACCOUNTS): Promise<string> {
  return wordsOf((await d.double.home(ACCOUNTS[who]))?.blocks);
}
