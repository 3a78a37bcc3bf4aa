import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { MeView } from "../../api/contract/me.ts";
import { revokeCredential } from "../../db/credentials.ts";
import { startApi, type TestApi } from "../support/api.ts";
import type { Problem } from "../support/calls.ts";
import { CONFIGURATION } from "../support/configuration.ts";
import { ARGUMENTS, recordPending } from "./fixture.ts";

const ISSUER = "https://workloads.example";
let api: TestApi;
let workloadKey: Awaited<ReturnType<typeof generateKeyPair>>;
let otherKey: Awaited<ReturnType<typeof generateKeyPair>>;

beforeAll(async () => {
  [workloadKey, otherKey] = await Promise.all([generateKeyPair("ES256"), generateKeyPair("ES256")]);
  const jwk = { ...(await exportJWK(workloadKey.publicKey)), alg: "ES256", kid: "w1" };
  const configuration = `${CONFIGURATION}
issuers:
  - issuer: ${ISSUER}
    audience: countersign
    jwks: { keys: [${JSON.stringify(jwk)}] }
    claim: sub
    agents: { "spiffe://prod/reporting": reporting-bot }
    on_behalf_of_claim: prompted_by
`;
  api = await startApi({
    postgresUrl: inject("postgresUrl"),
    temporalAddress: inject("temporalAddress"),
    configuration,
  });
  await recordPending(api, "req_cred");
});
afterAll(() => api?.stop());

async function me(authorization: string): Promise<{ status: number; body: MeView & Problem; headers: Headers }> {
  const response = await api.call("/v1/me", { headers: { authorization } });
  return { status: response.status, body: (await response.json()) as MeView & Problem, headers: response.headers };
}

describe("keys and tokens", () => {
  test("an agent's key speaks for that agent and names its owner", async () => {
    const { body } = await me(`Bearer ${await api.token("agent:reporting-bot")}`);
    expect(body).toMatchObject({ kind: "agent", id: "agent:reporting-bot", method: "agent-key", operator: false });
    expect(body.owner).toEqual({ id: "person:dana", name: "Dana Duarte" });
  });

  test("a second account speaks for the person behind it", async () => {
    const { body } = await me(`Bearer ${await api.token("person:dana-private")}`);
    expect(body).toMatchObject({ id: "person:dana-private", name: "Dana Duarte", groups: ["group:data-owners"] });
  });

  test("a wrong, cut, foreign or missing key is UNAUTHENTICATED and says how to send one", async () => {
    const good = await api.token("agent:reporting-bot");
    for (const bad of ["Bearer x", `Bearer ${good.slice(0, -1)}`, `Bearer ${good}0`, "Basic YTpi", "Bearer", ""]) {
      const { status, body, headers } = await me(bad);
      expect({ bad, status, code: body.code }).toEqual({ bad, status: 401, code: "UNAUTHENTICATED" });
      expect(headers.get("www-authenticate")).toContain("Bearer");
    }
  });

  test("a revoked key and an expired key say which they are", async () => {
    const expired = await api.token("person:alice", { expiresAt: Date.now() - 1 });
    expect((await me(`Bearer ${expired}`)).body.code).toBe("CREDENTIAL_EXPIRED");
    const revoked = await api.token("person:alice", { id: "cred_revoked" });
    expect((await me(`Bearer ${revoked}`)).status).toBe(200);
    await revokeCredential(api.admin, "cred_revoked", Date.now());
    expect((await me(`Bearer ${revoked}`)).body.code).toBe("CREDENTIAL_REVOKED");
  });

  test("an agent's key never speaks for a person, whatever its row says", async () => {
    const crossed = await api.token("person:alice", { kind: "agent-key" });
    expect((await me(`Bearer ${crossed}`)).status).toBe(401);
  });

  test("a key of somebody the directory does not know opens nothing", async () => {
    expect((await me(`Bearer ${await api.token("person:ghost")}`)).status).toBe(401);
    expect((await me(`Bearer ${await api.token("agent:ghost")}`)).status).toBe(401);
  });

  test("a scope limits a key to what it names", async () => {
    const reader = await api.token("agent:reporting-bot", { scopes: ["read"] });
    expect((await me(`Bearer ${reader}`)).status).toBe(200);
    const response = await api.call("/v1/requests", {
      method: "POST",
      headers: { authorization: `Bearer ${reader}`, "content-type": "application/json", "idempotency-key": "scoped" },
      body: JSON.stringify({ action: "postgres.export", target: "crm", arguments: ARGUMENTS }),
    });
    expect(response.status).toBe(403);
  });

  test("the last use is kept, and once a minute is enough", async () => {
    const token = await api.token("agent:other-bot", { id: "cred_touched" });
    await me(`Bearer ${token}`);
    const lastUsed = async () => {
      const [row] = await api.admin.sql`select last_used_at from credentials where id = 'cred_touched'`;
      return row?.last_used_at as Date | null;
    };
    await expect.poll(lastUsed).not.toBeNull();
    const first = await lastUsed();
    await me(`Bearer ${token}`);
    expect(await lastUsed()).toEqual(first);
  });
});

describe("workload tokens", () => {
  const signed = (
    claims: object,
    tweak: { key?: CryptoKey; expires?: string; issuer?: string; audience?: string } = {},
  ) =>
    new SignJWT({ ...claims })
      .setProtectedHeader({ alg: "ES256", kid: "w1" })
      .setIssuer(tweak.issuer ?? ISSUER)
      .setAudience(tweak.audience ?? "countersign")
      .setExpirationTime(tweak.expires ?? "5m")
      .sign(tweak.key ?? workloadKey.privateKey);
  const sub = "spiffe://prod/reporting";

  test("the mapped claim names the agent, and a verified claim the person who prompted it", async () => {
    const { body } = await me(`Bearer ${await signed({ sub, prompted_by: "alice@example.com" })}`);
    expect(body).toMatchObject({ id: "agent:reporting-bot", method: "workload-jwt" });
    expect(body.onBehalfOf).toEqual({ id: "person:alice", name: "Alice Ahmadi" });
    expect((await me(`Bearer ${await signed({ sub })}`)).body.onBehalfOf).toBeNull();
  });

  test("another key, audience, issuer or workload, or nobody's prompter, is refused", async () => {
    const refused = await Promise.all([
      signed({ sub }, { key: otherKey.privateKey }),
      signed({ sub }, { audience: "somebody-else" }),
      signed({ sub }, { issuer: "https://evil.example" }),
      signed({ sub: "spiffe://prod/unknown" }),
      signed({ sub, prompted_by: "ghost@example.com" }),
      signed({}),
    ]);
    for (const token of refused) {
      const { status, body } = await me(`Bearer ${token}`);
      expect({ status, code: body.code }).toEqual({ status: 401, code: "UNAUTHENTICATED" });
    }
  });

  test("an expired one says so; one without an end or without a signature is refused", async () => {
    expect((await me(`Bearer ${await signed({ sub }, { expires: "-1m" })}`)).body.code).toBe("CREDENTIAL_EXPIRED");
    const endless = await new SignJWT({ sub })
      .setProtectedHeader({ alg: "ES256", kid: "w1" })
      .setIssuer(ISSUER)
      .setAudience("countersign")
      .sign(workloadKey.privateKey);
    expect((await me(`Bearer ${endless}`)).status).toBe(401);
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const exp = Math.floor(Date.now() / 1000) + 60;
    const none = `${part({ alg: "none" })}.${part({ iss: ISSUER, aud: "countersign", sub, exp })}.`;
    expect((await me(`Bearer ${none}`)).status).toBe(401);
  });
});

describe("who sees a request", () => {
  const read = (principal: Parameters<TestApi["as"]>[0]) => api.as(principal).get("/v1/requests/req_cred");

  test("the agent that asked, its owner, those who may answer, auditors and operators", async () => {
    for (const principal of [
      "agent:reporting-bot",
      "person:dana",
      "person:alice",
      "person:erin",
      "person:omar",
    ] as const) {
      expect({ principal, status: (await read(principal)).status }).toEqual({ principal, status: 200 });
    }
  });

  test("for everybody else it does not exist, and that looks like one that never was", async () => {
    for (const principal of ["agent:other-bot", "person:frank", "person:carol"] as const) {
      const { status, body } = await read(principal);
      const never = await api.as(principal).get("/v1/requests/req_never");
      const without = (problem: object) => ({ ...problem, callId: null });
      expect(status).toBe(404);
      expect(without(body)).toEqual(without(never.body));
      for (const path of ["events", "explanation"]) {
        expect((await api.as(principal).get(`/v1/requests/req_cred/${path}`)).status).toBe(404);
      }
    }
  });

  test("lists hold what the caller may read", async () => {
    const ids = async (principal: Parameters<TestApi["as"]>[0], query = "") => {
      const { body } = await api.as(principal).get<{ items: { id: string }[] }>(`/v1/requests?${query}`);
      return body.items.map((item) => item.id);
    };
    expect(await ids("agent:reporting-bot", "requester=me")).toEqual(["req_cred"]);
    expect(await ids("agent:other-bot")).toEqual([]);
    expect(await ids("person:dana")).toEqual(["req_cred"]);
    expect(await ids("person:alice", "waitingFor=me")).toEqual(["req_cred"]);
    expect(await ids("person:erin", "status=pending")).toEqual(["req_cred"]);
    expect(await ids("person:frank", "waitingFor=me")).toEqual([]);
    expect(await ids("person:alice")).toEqual(["req_cred"]);
    expect(await ids("person:frank")).toEqual([]);
    expect(await ids("person:erin")).toEqual(["req_cred"]);
    expect(await ids("person:erin", "concerning=me")).toEqual([]);
    expect(await ids("person:alice", "concerning=me")).toEqual(["req_cred"]);
    expect(await ids("person:alice", "requester=me")).toEqual([]);
    expect(await ids("agent:reporting-bot", "concerning=me")).toEqual(["req_cred"]);
  });

  test("nothing waits for the owner, although she is in the group", async () => {
    const { body } = await api.as("person:dana").get<{ items: unknown[] }>("/v1/requests?waitingFor=me");
    expect(body.items).toEqual([]);
  });

  test("each is offered what it may try: reviewers answers, the owner and the agent a way back", async () => {
    const verbs = async (principal: Parameters<TestApi["as"]>[0]) => (await read(principal)).body.allowedVerbs;
    expect(await verbs("person:alice")).toEqual(["approve", "deny", "flag", "extend"]);
    expect(await verbs("person:dana")).toEqual(["withdraw"]);
    expect(await verbs("agent:reporting-bot")).toEqual(["withdraw"]);
    expect(await verbs("person:omar")).toEqual(["withdraw"]);
    expect(await verbs("person:erin")).toEqual(["flag"]);
  });

  test("the agent sees what runs and who is asked for; a page, a cursor and a bad cursor behave", async () => {
    const { body } = await read("agent:reporting-bot");
    expect(body).toMatchObject({
      status: "pending",
      arguments: ARGUMENTS,
      preview: { title: "Export 12,400 rows of customers" },
      requirement: { slots: [{ from: "group:data-owners", count: 1, missing: 1, filledBy: [] }] },
      reasons: [{ code: "BULK_EXPORT", text: "Many rows leave the database at once.", rule: "exports" }],
    });
    const bad = await api.as("agent:reporting-bot").get<Problem>("/v1/requests?cursor=zzz");
    expect(bad).toMatchObject({ status: 400, body: { code: "MALFORMED" } });
  });
});
