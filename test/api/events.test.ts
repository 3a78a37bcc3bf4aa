import { afterAll, beforeAll, expect, inject, test } from "vitest";
import type { EventPage, EventView } from "../../api/contract/event.ts";
import { revokeCredential } from "../../db/credentials.ts";
import { startApi, type TestApi } from "../support/api.ts";
import { recordNext, recordPending } from "./fixture.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ postgresUrl: inject("postgresUrl"), temporalAddress: inject("temporalAddress") });
});
afterAll(() => api?.stop());

/** Reads a stream as a browser would: event after event, until told to leave. */
async function open(id: string, token: string, headers: Record<string, string> = {}) {
  const leave = new AbortController();
  const response = await api.call(`/v1/requests/${id}/events`, {
    signal: leave.signal,
    headers: { authorization: `Bearer ${token}`, accept: "text/event-stream", ...headers },
  });
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let text = "";
  const next = async (): Promise<{ id: string; event: EventView } | null> => {
    for (;;) {
      const [, id, data] = /(?:^|\n)id: (\d+)\ndata: (.*)\n\n/.exec(text) ?? [];
      if (id !== undefined && data !== undefined) {
        text = text.slice(text.indexOf(data) + data.length);
        return { id, event: JSON.parse(data) as EventView };
      }
      const { done, value } = await reader.read();
      if (done) return null;
      text += decoder.decode(value, { stream: true });
    }
  };
  return { response, next, leave: () => leave.abort() };
}

test("the timeline comes in pages, oldest first, each beginning where the last ended", async () => {
  await recordPending(api, "req_paged");
  const agent = api.as("agent:reporting-bot");
  const first = await agent.get<EventPage>("/v1/requests/req_paged/events?limit=1");
  expect(first.body.items.map((event) => event.type)).toEqual(["request.submitted"]);
  expect(first.body.items[0]?.by).toEqual({ id: "agent:reporting-bot", name: "Reporting bot" });
  const second = await agent.get<EventPage>(`/v1/requests/req_paged/events?after=${first.body.nextCursor}`);
  expect(second.body.items.map((event) => event.type)).toEqual(["request.pending"]);
  expect(second.body.nextCursor).toBeNull();
});

test("a stream tells what was and then what happens, and resumes after the last event that was seen", async () => {
  await recordPending(api, "req_live");
  const token = await api.token("person:alice");
  const stream = await open("req_live", token);
  expect(stream.response.headers.get("content-type")).toContain("text/event-stream");
  expect((await stream.next())?.event.type).toBe("request.submitted");
  const seen = await stream.next();
  expect(seen?.event.type).toBe("request.pending");

  await recordNext(api, "req_live", 2, null);
  expect((await stream.next())?.event.type).toBe("request.reminded");
  stream.leave();

  const resumed = await open("req_live", token, { "last-event-id": seen?.id ?? "" });
  expect((await resumed.next())?.event.type).toBe("request.reminded");
  resumed.leave();
});

test("a stream ends once its credential is revoked, before the next event is told", async () => {
  await recordPending(api, "req_revoked");
  const stream = await open("req_revoked", await api.token("person:alice", { id: "cred_stream" }));
  await stream.next();
  await stream.next();
  await revokeCredential(api.admin, "cred_stream", Date.now());
  await recordNext(api, "req_revoked", 2, null);
  expect(await stream.next()).toBeNull();
});
