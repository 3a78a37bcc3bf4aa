import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { FreezeList, FrozenView } from "../../api/contract/freeze.ts";
import type { ConfigurationView } from "../../api/contract/me.ts";
import type { RequestView } from "../../api/contract/request.ts";
import { freezesInForce } from "../../db/admin.ts";
import { startApi, type TestApi } from "../support/api.ts";
import type { Problem } from "../support/calls.ts";
import { recordNext, recordPending, UNKNOWN } from "./fixture.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ postgresUrl: inject("postgresUrl"), temporalAddress: inject("temporalAddress") });
});
afterAll(() => api?.stop());
const omar = () => api.as("person:omar");

describe("freezes", () => {
  test("an operator's freeze is signed and in force until an operator lifts it", async () => {
    const frozen = await omar().post<FrozenView>("/v1/freezes", { agent: "agent:reporting-bot", reason: "odd asks" });
    expect(frozen.status).toBe(201);
    const { freeze, running } = frozen.body;
    expect(freeze).toMatchObject({
      scope: { agent: "agent:reporting-bot", action: null, target: null },
      by: { id: "person:omar", name: "Omar Okafor" },
      reason: "odd asks",
    });
    expect(running).toEqual([]);
    const [signed] = await freezesInForce(api.admin);
    if (!signed) throw new Error("no freeze in force");
    await expect(api.keys.verifier.verify("freeze", signed)).resolves.toBeTruthy();

    const listed = await omar().get<FreezeList>("/v1/freezes");
    expect(listed.body.items).toEqual([freeze]);
    const lifted = await omar().post<FreezeList>(`/v1/freezes/${freeze.id}/lift`, { reason: "explained" });
    expect(lifted).toMatchObject({ status: 200, body: { items: [] } });
    expect((await omar().post(`/v1/freezes/${freeze.id}/lift`, { reason: "again" })).status).toBe(404);
  });

  test("the same freeze sent twice is one", async () => {
    const send = () => omar().post<FrozenView>("/v1/freezes", { reason: "everything" }, { "idempotency-key": "twice" });
    const [first, second] = [await send(), await send()];
    expect(second.body.freeze.id).toBe(first.body.freeze.id);
    const { body } = await omar().get<FreezeList>("/v1/freezes");
    expect(body.items).toHaveLength(1);
    await omar().post(`/v1/freezes/${first.body.freeze.id}/lift`, { reason: "done" });
  });

  test("a scope that names nothing there is refused: it would stop nothing and look as if it did", async () => {
    for (const [field, value] of Object.entries({ agent: "agent:ghost", action: "postgres.drop", target: "payroll" })) {
      const { status, body } = await omar().post<Problem>("/v1/freezes", { [field]: value, reason: "x" });
      expect({ status, pointer: body.pointer }).toEqual({ status: 400, pointer: `/${field}` });
    }
  });

  test("auditors and reviewers hold no switch", async () => {
    for (const principal of ["person:erin", "person:alice", "agent:reporting-bot"] as const) {
      expect((await api.as(principal).get("/v1/freezes")).status).toBe(403);
      expect((await api.as(principal).get("/v1/configuration")).status).toBe(403);
    }
  });
});

describe("an execution whose end is unknown", () => {
  test("is resolved by an operator, once, with a note, and by nobody else", async () => {
    await recordPending(api, "req_unknown");
    const say = { outcome: "succeeded", note: "The file is there and complete." };
    expect((await omar().post<Problem>("/v1/requests/req_unknown/resolve", say)).body.code).toBe("NOT_UNKNOWN");
    await recordNext(api, "req_unknown", 2, UNKNOWN);
    expect((await omar().get("/v1/requests/req_unknown")).body.allowedVerbs).toEqual(["resolve"]);
    expect(
      (await omar().post<Problem>("/v1/requests/req_unknown/resolve", { outcome: "succeeded" })).body.pointer,
    ).toBe("/note");
    const made = { ...say, reason: "MADE_UP" };
    expect((await omar().post<Problem>("/v1/requests/req_unknown/resolve", made)).body.pointer).toBe("/reason");

    const resolved = await omar().post<RequestView>("/v1/requests/req_unknown/resolve", say);
    expect(resolved.status).toBe(200);
    expect(resolved.body).toMatchObject({
      status: "succeeded",
      resolution: { outcome: "succeeded", reason: "ADMIN_RESOLVED", by: { id: "person:omar" } },
    });
    expect((await omar().post("/v1/requests/req_unknown/resolve", say)).status).toBe(409);
  });
});

test("the configuration in force is named by version, digest and the key that signed it", async () => {
  const { body } = await omar().get<ConfigurationView>("/v1/configuration");
  expect(body).toMatchObject({ version: 1, signedBy: api.keys.operator.keyId, actions: ["postgres.export"] });
  expect(body.targets).toEqual([{ name: "crm", kind: "postgres", environment: "production" }]);
  expect(JSON.stringify(body)).not.toContain("CRM_EXPORT_URL");
});

describe("the codec endpoint of Temporal's UI", () => {
  const ORIGIN = "http://127.0.0.1:8233";
  const encrypted = async () => {
    const data = Buffer.from('"a statement"');
    const payload = { metadata: { encoding: Buffer.from("json/plain") }, data };
    const [sealed] = (await api.context.payloadCodec?.encode([payload])) ?? [];
    const base64 = (bytes: Uint8Array | null | undefined) => Buffer.from(bytes ?? []).toString("base64");
    const metadata = Object.fromEntries(
      Object.entries(sealed?.metadata ?? {}).map(([name, value]) => [name, base64(value)]),
    );
    return JSON.stringify({ payloads: [{ metadata, data: base64(sealed?.data) }] });
  };
  const decode = async (path: string, headers: Record<string, string> = {}) =>
    api.call(path, {
      method: "POST",
      headers: { "content-type": "application/json", origin: ORIGIN, "x-namespace": "default", ...headers },
      body: await encrypted(),
    });

  test("opens payloads with the secret in the address, for the exact origin of the UI", async () => {
    const response = await decode("/codec/a-codec-token-for-tests-only/decode");
    expect(response.headers.get("access-control-allow-origin")).toBe(ORIGIN);
    const { payloads } = (await response.json()) as { payloads: { data: string }[] };
    expect(Buffer.from(payloads[0]?.data ?? "", "base64").toString()).toBe('"a statement"');
    const elsewhere = await decode("/codec/a-codec-token-for-tests-only/decode", { origin: "http://127.0.0.1:9999" });
    expect(elsewhere.headers.get("access-control-allow-origin")).toBeNull();
  });

  test("asked first by the browser, says what may be sent and by whom", async () => {
    const preflight = await api.call("/codec/a-codec-token-for-tests-only/decode", {
      method: "OPTIONS",
      headers: {
        origin: ORIGIN,
        "access-control-request-method": "POST",
        "access-control-request-headers": "x-namespace",
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-origin")).toBe(ORIGIN);
    expect(preflight.headers.get("access-control-allow-headers")).toContain("x-namespace");
  });

  test("opens nothing without the secret or an operator's token", async () => {
    expect((await decode("/codec/another-token/decode")).status).toBe(404);
    expect((await decode("/codec/decode")).status).toBe(401);
    const asked = async (principal: "person:omar" | "person:alice") =>
      (await decode("/codec/decode", { authorization: `Bearer ${await api.token(principal)}` })).status;
    expect(await asked("person:alice")).toBe(403);
    expect(await asked("person:omar")).toBe(200);
  });

  test("what is not a list of payloads is MALFORMED", async () => {
    const response = await api.call("/codec/a-codec-token-for-tests-only/decode", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"payloads":[{"data":7}]}',
    });
    expect(((await response.json()) as Problem).code).toBe("MALFORMED");
  });
});
