import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { PersonId } from "../../core/principal.ts";
import { sha256 } from "../../crypto/digest.ts";
import { createSignInLink } from "../../db/sessions.ts";
import { startApi, type TestApi } from "../support/api.ts";
import type { Problem } from "../support/calls.ts";
import { recordPending } from "./fixture.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ postgresUrl: inject("postgresUrl"), temporalAddress: inject("temporalAddress") });
  await recordPending(api, "req_page");
});
afterAll(() => api?.stop());

async function link(person: PersonId, seconds = 60): Promise<string> {
  const code = randomBytes(32).toString("base64url");
  const createdAt = Date.now();
  await createSignInLink(api.admin, { hash: sha256(code), person, createdAt, expiresAt: createdAt + seconds * 1000 });
  return code;
}

function press(
  code: string,
  more: Record<string, string> = {},
  headers: Record<string, string> = {},
): Promise<Response> {
  return api.call("/sign-in", { method: "POST", headers, body: new URLSearchParams({ code, ...more }) });
}

async function cookieOf(person: PersonId): Promise<string> {
  const response = await press(await link(person));
  return response.headers.getSetCookie()[0]?.split(";")[0] ?? "";
}

describe("a sign-in link", () => {
  test("opening it changes nothing; pressing the button signs in, once", async () => {
    const code = await link("person:alice");
    for (let look = 0; look < 2; look++) {
      const page = await api.call(`/sign-in?code=${code}&next=/requests/req_page`);
      expect(page.status).toBe(200);
      expect(page.headers.getSetCookie()).toEqual([]);
      expect(await page.text()).toContain(code);
    }
    const pressed = await press(code, { next: "/requests/req_page" });
    expect({ status: pressed.status, to: pressed.headers.get("location") }).toEqual({
      status: 303,
      to: "/requests/req_page",
    });
    const [cookie = ""] = pressed.headers.getSetCookie();
    expect(cookie).toMatch(/^countersign=[\w-]{43};.*HttpOnly.*SameSite=Lax/i);
    const me = await api.call("/v1/me", { headers: { cookie: cookie.split(";")[0] ?? "" } });
    expect(await me.json()).toMatchObject({ id: "person:alice", method: "session" });

    expect((await press(code)).status).toBe(403);
  });

  test("two who press at once: one gets in", async () => {
    const code = await link("person:alice");
    const statuses = (await Promise.all([press(code), press(code)])).map((response) => response.status);
    expect(statuses.sort()).toEqual([303, 403]);
  });

  test("after its time, made up, or pressed by another site's page, it signs nobody in", async () => {
    expect((await press(await link("person:alice", -1))).status).toBe(403);
    expect((await press("made-up")).status).toBe(403);
    expect((await press(await link("person:alice"), {}, { "sec-fetch-site": "cross-site" })).status).toBe(403);
  });

  test("it never leads to another site", async () => {
    for (const next of ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"]) {
      expect((await press(await link("person:alice"), { next })).status).toBe(400);
    }
  });
});

describe("a session", () => {
  test("reads what its person may read, and is one page's to write with: the token of that page must come along", async () => {
    const cookie = await cookieOf("person:omar");
    expect((await api.call("/v1/requests/req_page", { headers: { cookie } })).status).toBe(200);
    const freeze = (headers: Record<string, string>) =>
      api.call("/v1/freezes", {
        method: "POST",
        headers: { cookie, "content-type": "application/json", ...headers },
        body: JSON.stringify({ reason: "drill" }),
      });
    expect(((await (await freeze({})).json()) as Problem).code).toBe("CSRF");
    expect(((await (await freeze({ "x-csrf-token": "x".repeat(43) })).json()) as Problem).code).toBe("CSRF");
    const page = await (await api.call("/requests/req_page", { headers: { cookie } })).text();
    const [, csrf = ""] = /name="csrf" value="([^"]+)"/.exec(page) ?? [];
    expect((await freeze({ "x-csrf-token": csrf })).status).toBe(201);
    const foreign = await cookieOf("person:omar");
    const response = await api.call("/v1/freezes", {
      method: "POST",
      headers: { cookie: foreign, "content-type": "application/json", "x-csrf-token": csrf },
      body: JSON.stringify({ reason: "drill" }),
    });
    expect(response.status).toBe(403);
  });

  test("signing out ends it on the server, whoever still has the cookie", async () => {
    const cookie = await cookieOf("person:alice");
    const page = await (await api.call("/", { headers: { cookie } })).text();
    const [, csrf = ""] = /name="csrf" value="([^"]+)"/.exec(page) ?? [];
    const refused = await api.call("/sign-out", { method: "POST", headers: { cookie }, body: new URLSearchParams({}) });
    expect(refused.status).toBe(403);
    const out = await api.call("/sign-out", {
      method: "POST",
      headers: { cookie },
      body: new URLSearchParams({ csrf }),
    });
    expect(out.status).toBe(303);
    expect((await api.call("/v1/me", { headers: { cookie } })).status).toBe(401);
  });

  test("a cookie that nobody was given opens nothing", async () => {
    const cookie = `countersign=${randomBytes(32).toString("base64url")}`;
    expect((await api.call("/v1/me", { headers: { cookie } })).status).toBe(401);
  });
});
