import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { afterEach, expect, test } from "vitest";
import { ChannelFailure } from "../../../channels/channel.ts";
import { createSlackClient } from "../../../channels/slack/client.ts";
import { fixOf, slackFailure } from "../../../channels/slack/failure.ts";
import { freePort } from "../../../cli/dev/ports.ts";

let server: Server | null = null;
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  server = null;
});

type Answer = { status: number; headers?: Record<string, string>; body: string } | "hangUp" | "halfway";

/** What becomes of one post when a server on the other end answers like this. */
async function after(answer: Answer): Promise<ChannelFailure> {
  const listening = createServer((_request, response) => {
    if (answer === "hangUp") return void response.destroy();
    if (answer === "halfway") {
      response.writeHead(200, { "content-length": "100" });
      response.write('{"ok":');
      return void setTimeout(() => response.destroy(), 20);
    }
    response.writeHead(answer.status, answer.headers).end(answer.body);
  }).listen(0, "127.0.0.1");
  server = listening;
  await once(listening, "listening");
  const address = listening.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return posting(`http://127.0.0.1:${address.port}/api/`);
}

async function posting(apiUrl: string): Promise<ChannelFailure> {
  const client = createSlackClient({ botToken: "xoxb-1-2-secret", apiUrl }, { warn() {} });
  try {
    await client.chat.postMessage({ channel: "C1", text: "x" });
  } catch (error) {
    return slackFailure(error);
  }
  throw new Error("the call succeeded");
}

const error = (code: string) => ({ status: 200, body: JSON.stringify({ ok: false, error: code }) });

const REFUSED = [
  ...["invalid_auth", "token_revoked", "missing_scope", "not_in_channel", "channel_not_found", "is_archived"],
  ...["invalid_blocks", "msg_too_long"],
];
test.each(REFUSED)("%s needs somebody, who is told what to do", async (code) => {
  expect(await after(error(code))).toMatchObject({ kind: "refused", code, retryAfterMs: null });
  expect(fixOf(code)).toMatch(/\.$/);
});

test.each(["message_not_found", "cant_update_message"])("%s: the message is gone", async (code) => {
  expect(await after(error(code))).toMatchObject({ kind: "gone", code });
});

test.each(["fatal_error", "internal_error", "service_unavailable"])("after %s nobody knows", async (code) => {
  expect(await after(error(code))).toMatchObject({ kind: "uncertain", code });
});

test("a code nobody has met is tried again", async () => {
  expect(await after(error("solar_flare"))).toMatchObject({ kind: "later", code: "solar_flare" });
  expect(fixOf("solar_flare")).toBeNull();
  expect(fixOf("constructor")).toBeNull();
});

test("a rate limit says when, and one that does not say so is one all the same", async () => {
  const body = JSON.stringify({ ok: false, error: "ratelimited" });
  const limited = { kind: "later", code: "ratelimited" };
  expect(await after({ status: 429, headers: { "retry-after": "17" }, body })).toMatchObject({
    ...limited,
    retryAfterMs: 17_000,
  });
  expect(await after({ status: 429, body })).toMatchObject({ ...limited, retryAfterMs: null });
});

test.each([500, 502, 503, 504])("after a %i nobody knows whether it was done", async (status) => {
  expect(await after({ status, body: "<html>" })).toMatchObject({ kind: "uncertain", code: `http_${status}` });
});

test("after a connection that broke before or within the answer nobody knows", async () => {
  expect(await after("hangUp")).toMatchObject({ kind: "uncertain" });
  expect(await after("halfway")).toMatchObject({ kind: "uncertain" });
});

test("where nobody takes the call, nothing was done", async () => {
  const closed = `http://127.0.0.1:${await freePort()}/api/`;
  expect(await posting(closed)).toMatchObject({ kind: "later", code: "ECONNREFUSED" });
});

test("an answer that Slack did not write decides nothing and is not repeated anywhere", async () => {
  const failure = await after({ status: 200, body: "<b>xoxb-1-2-secret</b>" });
  expect(failure).toMatchObject({ kind: "uncertain", code: "unreadable_answer" });
  expect(failure.message).not.toContain("xoxb");
});

test("a failure that is told already stays what it is", () => {
  const failure = new ChannelFailure("gone", "message_not_found");
  expect(slackFailure(failure)).toBe(failure);
});
