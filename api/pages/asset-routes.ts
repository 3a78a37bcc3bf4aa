import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Api } from "../app.ts";

/** Three files, served from our own address: the policy of the pages allows nothing else. */
export function assetRoutes(app: Api): void {
  const pico = createRequire(import.meta.url).resolve("@picocss/pico/css/pico.min.css");
  const files = {
    "pico.css": { type: "text/css; charset=utf-8", body: readFileSync(pico) },
    "pages.css": { type: "text/css; charset=utf-8", body: own("pages.css") },
    "live.js": { type: "text/javascript; charset=utf-8", body: own("live.js") },
  };
  for (const [name, { type, body }] of Object.entries(files)) {
    app.get(`/assets/${name}`, { schema: { hide: true } }, async (_req, reply) =>
      reply.header("cache-control", "public, max-age=300").type(type).send(body),
    );
  }
}

function own(name: string): Buffer {
  return readFileSync(new URL(`./assets/${name}`, import.meta.url));
}
