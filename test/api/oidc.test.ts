import { once } from "node:events";
import { createServer, type Server } from "node:http";
import Provider from "oidc-provider";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { freePort } from "../../cli/dev/ports.ts";
import { startApi, type TestApi } from "../support/api.ts";

/** Accounts of the identity provider: who signs in there, and what it vouches for. */
const ACCOUNTS: Record<string, { email: string; email_verified: boolean }> = {
  alice: { email: "Alice@Example.com", email_verified: true },
  unverified: { email: "bob@example.com", email_verified: false },
  stranger: { email: "stranger@example.com", email_verified: true },
};

let api: TestApi;
let server: Server;
beforeAll(async () => {
  const [issuerPort, apiPort] = await Promise.all([freePort(), freePort()]);
  const issuer = `http://127.0.0.1:${issuerPort}`;
  const publicUrl = `http://127.0.0.1:${apiPort}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: "countersign",
        client_secret: "a-client-secret-for-tests-only-0123456789",
        redirect_uris: [`${publicUrl}/sign-in/oidc/callback`],
      },
    ],
    claims: { openid: ["sub"], email: ["email", "email_verified"] },
    pkce: { required: () => true },
    findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id, ...ACCOUNTS[id] }) }),
  });
  server = createServer(provider.callback()).listen(issuerPort, "127.0.0.1");
  await once(server, "listening");
  api = await startApi({
    postgresUrl: inject("postgresUrl"),
    temporalAddress: inject("temporalAddress"),
    settings: {
      port: apiPort,
      publicUrl,
      oidc: { issuer, clientId: "countersign", clientSecret: "a-client-secret-for-tests-only-0123456789" },
    },
  });
});
afterAll(async () => {
  await api?.stop();
  server?.close();
});

/** A browser without a screen: keeps cookies by host, follows redirects, fills in the provider's forms. */
function browser(login: string) {
  const jar = new Map<string, Map<string, string>>();
  const visit = async (url: string, init: RequestInit = {}): Promise<Response> => {
    const { host } = new URL(url);
    const cookies = jar.get(host) ?? new Map<string, string>();
    jar.set(host, cookies);
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, { ...init, redirect: "manual", headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    const location = response.headers.get("location");
    if (location !== null) return visit(new URL(location, url).href);
    if (!url.includes("/interaction/")) return response;
    const page = await response.text();
    const [, action = ""] = /<form[^>]*action="([^"]+)"/.exec(page) ?? [];
    const consent = page.includes('value="consent"');
    const body = new URLSearchParams(consent ? { prompt: "consent" } : { prompt: "login", login, password: "x" });
    return visit(new URL(action, url).href, { method: "POST", body });
  };
  const cookies = () =>
    [...(jar.get(new URL(api.url).host) ?? [])].map(([name, value]) => `${name}=${value}`).join("; ");
  return { visit, cookies, jar };
}

test("a verified address of exactly one active person signs that person in", async () => {
  const { visit, cookies } = browser("alice");
  const landed = await visit(`${api.url}/sign-in/oidc?next=/`);
  expect({ url: landed.url, status: landed.status }).toEqual({ url: `${api.url}/`, status: 200 });
  const me = await api.call("/v1/me", { headers: { cookie: cookies() } });
  expect(await me.json()).toMatchObject({ id: "person:alice", method: "session" });
});

test.each(["unverified", "stranger"])("%s: nobody is signed in", async (login) => {
  const { visit, cookies } = browser(login);
  expect((await visit(`${api.url}/sign-in/oidc`)).status).toBe(403);
  expect((await api.call("/v1/me", { headers: { cookie: cookies() } })).status).toBe(401);
});

test("a way back that this browser did not begin, or another one began, is refused", async () => {
  expect((await api.call("/sign-in/oidc/callback?code=x&state=y")).status).toBe(403);
  const begun = await api.call("/sign-in/oidc");
  const cookie = begun.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  expect((await api.call("/sign-in/oidc/callback?code=x&state=y", { headers: { cookie } })).status).toBe(403);
  const forged = cookie.replace(/=.*/, `=${encodeURIComponent('{"state":"y"}.AAAA')}`);
  expect((await api.call("/sign-in/oidc/callback?code=x&state=y", { headers: { cookie: forged } })).status).toBe(403);
});

test("where the organisation signs people in, links do not", async () => {
  const response = await api.call("/sign-in", { method: "POST", body: new URLSearchParams({ code: "anything" }) });
  expect(response.status).toBe(403);
});
