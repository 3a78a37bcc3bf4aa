import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { launchBrowser, packagedBrowser } from "../support/browser.ts";

test("page tests have a real browser, with nothing of its own asked from the network", async () => {
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    await page.setContent("<title>Request</title><h1>Grüße</h1>");
    expect(await page.title()).toBe("Request");
    expect((await page.screenshot()).length).toBeGreaterThan(1_000);
  } finally {
    await browser.close();
  }
});

test("without an installed browser, the one inside a registry package runs", async () => {
  const cache = mkdtempSync(join(tmpdir(), "countersign-browser-"));
  const before = process.env.CHROME_PATH;
  try {
    const { path } = await packagedBrowser(cache);
    process.env.CHROME_PATH = path;
    const browser = await launchBrowser();
    const page = await browser.newPage();
    await page.setContent("<h1>Grüße</h1>");
    expect(await page.textContent("h1")).toBe("Grüße");
    await browser.close();
  } finally {
    if (before === undefined) delete process.env.CHROME_PATH;
    else process.env.CHROME_PATH = before;
    rmSync(cache, { recursive: true, force: true });
  }
});
