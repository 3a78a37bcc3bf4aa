import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { z } from "zod";
import { startApi, type TestApi } from "../support/api.ts";

type Operation = {
  summary?: string;
  security?: unknown;
  responses: Record<string, { content?: Record<string, { schema: unknown }> }>;
};
type Document = {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, unknown>; securitySchemes: object };
};

let api: TestApi;
let document: Document;
beforeAll(async () => {
  api = await startApi({ postgresUrl: inject("postgresUrl"), temporalAddress: inject("temporalAddress") });
  document = (await (await api.call("/docs/json")).json()) as Document;
});
afterAll(() => api?.stop());

const OPERATIONS = [
  "GET /healthz",
  "GET /readyz",
  "GET /v1/configuration",
  "GET /v1/freezes",
  "GET /v1/me",
  "GET /v1/problems/{code}",
  "GET /v1/requests",
  "GET /v1/requests/{id}",
  "GET /v1/requests/{id}/events",
  "GET /v1/requests/{id}/explanation",
  "GET /v1/requests/{id}/renders",
  "GET /v1/requests/{id}/renders/{messageId}",
  "POST /v1/freezes",
  "POST /v1/freezes/{id}/lift",
  "POST /v1/requests",
  "POST /v1/requests/{id}/extend",
  "POST /v1/requests/{id}/reject",
  "POST /v1/requests/{id}/release",
  "POST /v1/requests/{id}/resolve",
  "POST /v1/requests/{id}/reviews",
  "POST /v1/requests/{id}/stop",
  "POST /v1/requests/{id}/withdraw",
];

function operations(): [string, Operation][] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, Operation] => [
      `${method.toUpperCase()} ${path}`,
      operation,
    ]),
  );
}

describe("the OpenAPI document", () => {
  test("is 3.1 and describes exactly the calls there are, no page and no secret address", () => {
    expect(document.openapi).toBe("3.1.0");
    const names = operations().map(([name]) => name);
    expect(names.sort()).toEqual(OPERATIONS);
  });

  test("says of each call what it does, who may call it, and that its errors are problems", () => {
    for (const [name, operation] of operations()) {
      expect({ name, summary: typeof operation.summary }).toEqual({ name, summary: "string" });
      if (/health|ready/.test(name)) continue;
      expect(Object.keys(operation.responses.default?.content ?? {})).toEqual(["application/problem+json"]);
      if (!name.includes("/problems/"))
        expect({ name, security: operation.security }).toEqual({ name, security: [{ bearer: [] }] });
    }
  });

  test("refers only to what it defines, and defines only what something refers to", () => {
    const text = JSON.stringify(document);
    const referred = new Set([...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name));
    expect([...referred].sort()).toEqual(Object.keys(document.components.schemas).sort());
  });

  test("its schemas are JSON Schema that a reader can compile", () => {
    const { schemas } = document.components;
    const defs = JSON.parse(JSON.stringify(schemas).replaceAll("#/components/schemas/", "#/$defs/")) as object;
    const whole = { anyOf: Object.keys(schemas).map((name) => ({ $ref: `#/$defs/${name}` })), $defs: defs };
    const compiled = z.fromJSONSchema(whole as Parameters<typeof z.fromJSONSchema>[0]);
    expect(compiled.safeParse({ id: "person:alice", name: "Alice" }).success).toBe(true);
    expect(compiled.safeParse({ id: 7 }).success).toBe(false);
  });
});

describe("the documentation page", () => {
  test("takes everything from its own address, under a policy that allows nothing else", async () => {
    const page = await api.call("/docs");
    const html = await (page.status === 302
      ? api.call(page.headers.get("location") ?? "")
      : Promise.resolve(page)
    ).then((r) => r.text());
    const links = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link ?? "");
    expect(links.length).toBeGreaterThan(3);
    for (const link of links) {
      expect(link).not.toMatch(/^(https?:)?\/\//);
      const asset = await api.call(new URL(link, `${api.url}/docs/`).pathname);
      expect({ link, ok: asset.ok, bytes: (await asset.text()).length > 0 }).toEqual({ link, ok: true, bytes: true });
    }
    const policy = page.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'; script-src 'self';");
    expect(policy).not.toMatch(/unsafe-eval|https:|\*/);
  });

  test("every answer forbids framing, sniffing and referrers", async () => {
    const { headers } = await api.call("/v1/me");
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("cache-control")).toBe("no-store");
  });
});
