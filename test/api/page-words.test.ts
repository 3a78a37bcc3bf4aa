import { expect, test } from "vitest";
import { actionHeading } from "../../channels/status-words.ts";
import { STATUSES } from "../../core/status.ts";

test("a page never says that something will run once the request is over", () => {
  const promising = STATUSES.filter((status) => actionHeading(status) === "What will run");
  expect(promising).toEqual(["evaluating", "pending", "held", "starting"]);
  expect(actionHeading("denied")).toContain("did not run");
});
