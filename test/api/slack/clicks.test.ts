import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  clickOf,
  deliver,
  form,
  PLACE,
  SHOWN,
  type SlackApi,
  signalsOf,
  signed,
  startSlackApi,
  tokenFor,
  waiting,
} from "./fixture.ts";

let api: SlackApi;
beforeAll(async () => {
  api = await startSlackApi();
});
afterAll(() => api?.stop());

describe("a click on Approve", () => {
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

  test("delivered fifty times at once is one message, fifty times", async () => {
    await waiting(api, "req_fifty");
    const call = signed(form(clickOf(api, tokenFor("req_fifty"))));
    const responses = await Promise.all(Array.from({ length: 50 }, () => api.call("/slack/events", call)));
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]));
    const signals = await signalsOf(api, "req_fifty");
    expect(signals).toHaveLength(50);
    expect(new Set(signals.map(({ message }) => message.id)).size).toBe(1);
  });
});
