import { expect, inject, test } from "vitest";
import { startApi } from "../support/api.ts";
import { launchBrowser } from "../support/browser.ts";

test("the documentation page works in a browser under its own policy, without a single complaint", async () => {
  const api = await startApi({ postgresUrl: inject("postgresUrl"), temporalAddress: inject("temporalAddress") });
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    page.on("requestfailed", (request) => complaints.push(request.url()));
    await page.goto(`${api.url}/docs`);
    await page.getByText("Ask for a privileged action").waitFor();
    expect(complaints).toEqual([]);
  } finally {
    await browser.close();
    await api.stop();
  }
});
