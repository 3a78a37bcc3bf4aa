import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { RequestView } from "../../api/contract/request.ts";
import type { DevFile } from "../../cli/dev/dev-file.ts";
import { readPidFiles } from "../../cli/dev/pid-file.ts";
import { freePort } from "../../cli/dev/ports.ts";
import { launchBrowser } from "../support/browser.ts";

const FLAGS = ["--port", "--ui-port", "--temporal-port", "--postgres-port", "--slack-port"];

let data: string;
let browser: Browser;
let child: ChildProcess | null = null;
let output = "";

beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), "countersign-start-"));
  browser = await launchBrowser();
});
afterEach(async () => {
  await browser.close();
  if (child !== null && child.exitCode === null) {
    const gone = once(child, "exit");
    child.kill("SIGINT");
    await gone;
  }
  rmSync(data, { recursive: true, force: true });
});

test("a newcomer approves the demo's request in the double's page: reads it there and from the Home, clicks, and it ran", async () => {
  const ports = await Promise.all(FLAGS.map(() => freePort()));
  const flags = FLAGS.flatMap((flag, at) => [flag, String(ports[at])]);
  const started = spawn(process.execPath, ["scripts/start.js", "--slack-double", "--data", data, ...flags]);
  child = started;
  for (const stream of [started.stdout, started.stderr]) stream.on("data", (text) => (output += String(text)));
  await expect.poll(() => output, { timeout: 90_000 }).toContain("Answer as alice");

  const [, url = "", people = ""] = /In Slack \(double\)\s+(\S+)\s+choose (.+) at "Act as"/.exec(output) ?? [];
  const page = await browser.newPage({ viewport: { width: 1_280, height: 1_400 } });
  await page.goto(url);
  const card = page.locator(".blocks", { hasText: "approval needed" }).first();
  await card.waitFor();
  expect(await card.innerText()).toContain("select id, name, email, segment, country, created_at from customers");
  await picture(page, "card");
  expect(people.split(", then ")).toEqual(["Alice Ahmadi", "Bob Brandt"]);
  await page.locator("button", { hasText: "countersign" }).first().click();
  await page.getByText("Approvals for Alice Ahmadi").waitFor();
  await page.getByRole("button", { name: "Details", exact: true }).first().click();
  await page.getByText("How the policy came to this").waitFor();
  await picture(page, "details-from-home");
  await page.getByRole("button", { name: "Go back" }).click();
  await page.goto(url);
  await card.waitFor();
  for (const person of people.split(", then ")) {
    await page.locator("label", { hasText: "Act as" }).locator("select").selectOption({ label: person });
    await page.getByRole("button", { name: "Approve", exact: true }).first().click();
    await page
      .locator(".bk-text", { hasText: `${person} (` })
      .first()
      .waitFor();
  }
  await page.locator(".blocks", { hasText: "The action ran" }).first().waitFor();
  await picture(page, "succeeded");

  const { apiUrl, requestId, tokens } = JSON.parse(readFileSync(join(data, "dev.json"), "utf8")) as DevFile;
  const headers = { authorization: `Bearer ${tokens.agent}` };
  const request = (await (await fetch(`${apiUrl}/v1/requests/${requestId}`, { headers })).json()) as RequestView;
  expect(request.status).toBe("succeeded");
  const filled = request.requirement?.slots.flatMap(({ filledBy }) => filledBy.map(({ id, channel }) => [id, channel]));
  expect(filled?.sort()).toEqual([
    ["person:alice", "slack"],
    ["person:bob", "slack"],
  ]);

  const gone = once(started, "exit");
  started.kill("SIGINT");
  await gone;
  expect(readPidFiles(join(data, "run"))).toEqual([]);
}, 180_000);

/** For whoever wants to see what the test saw: SLACK_PICTURES names a directory. */
async function picture(page: Awaited<ReturnType<Browser["newPage"]>>, name: string): Promise<void> {
  const directory = process.env.SLACK_PICTURES;
  if (directory) await page.screenshot({ path: join(directory, `${name}.png`) });
}
