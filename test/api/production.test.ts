import pino from "pino";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { createLog } from "../../config/log.ts";
import { startApi, type TestApi } from "../support/api.ts";
import { recordPending } from "./fixture.ts";

const lines: string[] = [];
let api: TestApi;
beforeAll(async () => {
  api = await startApi({
    postgresUrl: inject("postgresUrl"),
    temporalAddress: inject("temporalAddress"),
    settings: { mode: "production" },
    overrides: {
      log: createLog(
        { mode: "production", logLevel: "debug", role: "api" },
        { write: (line) => void lines.push(line) },
      ),
    },
  });
  const pageOnly =
    (channels: ("page" | "api")[]) => (state: Parameters<NonNullable<Parameters<typeof recordPending>[2]>>[0]) => ({
      ...state,
      requirement: state.requirement === null ? null : { ...state.requirement, channels },
    });
  await recordPending(api, "req_page_only", pageOnly(["page"]));
  await recordPending(api, "req_api_too", pageOnly(["page", "api"]));
});
afterAll(() => api?.stop());

test("a token answers only where the policy lists the channel api", async () => {
  const refused = await api.as("person:alice").review("req_page_only", "approve");
  expect({ status: refused.status, code: refused.body.code }).toEqual({
    status: 403,
    code: "REVIEW_CHANNEL_NOT_ALLOWED",
  });
  // This one is handed to the workflow, which is gone: the surface itself had nothing against it.
  expect((await api.as("person:alice").review("req_api_too", "approve")).body.code).toBe("REVIEW_ALREADY_DECIDED");
});

test("a token is not offered what it may not do", async () => {
  expect((await api.as("person:alice").get("/v1/requests/req_page_only")).body.allowedVerbs).toEqual([]);
});

test("the log names calls and routes, and holds no key, no sign-in code and no secret address", async () => {
  const key = await api.token("agent:reporting-bot");
  const code = "c0de".repeat(10);
  await api.call("/v1/me", { headers: { authorization: `Bearer ${key}` } });
  await api.call(`/sign-in?code=${code}`);
  await api.call("/codec/a-codec-token-for-tests-only/decode", { method: "POST" });
  const response = await api.call(`/v1/nothing/${code}`);
  const callId = response.headers.get("x-call-id") ?? "";
  await expect.poll(() => lines.some((line) => line.includes(callId))).toBe(true);
  const log = lines.join("");
  expect(log).toContain('"route":"/v1/me"');
  expect(log).toContain('"route":"/codec/:token/decode"');
  for (const secret of [key, code, "a-codec-token-for-tests-only"]) expect(log).not.toContain(secret);
});

test("what goes wrong on our side is told as INTERNAL, with the log's name of the call and nothing else", async () => {
  const { build } = await import("../../api/app.ts");
  const broken = await build({
    ...api.context,
    log: pino({ level: "silent" }),
    configuration: {
      inForce: async () => Promise.reject(new TypeError("secret detail at /srv/countersign/api")),
      current: async () => Promise.reject(new TypeError("secret detail")),
    },
  });
  const headers = { authorization: `Bearer ${await api.token("agent:reporting-bot")}` };
  const response = await broken.inject({ url: "/v1/me", headers });
  expect(response.statusCode).toBe(500);
  expect(response.json()).toMatchObject({ code: "INTERNAL", callId: response.headers["x-call-id"] });
  expect(response.body).not.toMatch(/secret|TypeError|srv/);
});
