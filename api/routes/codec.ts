import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { CountersignError } from "../../core/errors.ts";
import { LIMITS } from "../../core/limits.ts";
import { constantTimeEqual } from "../../crypto/api-key.ts";
import { decodePayloadsJson } from "../../crypto/remote-codec.ts";
import type { Api } from "../app.ts";
import { authorisedOperator } from "../authority.ts";
import type { ApiContext } from "../context.ts";

/**
 * Lets Temporal's UI show payloads in clear. An operator's token in the Authorization header always
 * works; where the UI can send none, a secret in the address works from this machine only.
 */
export function codecRoutes(app: Api, context: ApiContext): void {
  const { codecToken, temporalUiUrl } = context.settings;
  const origin = temporalUiUrl === null ? null : new URL(temporalUiUrl).origin;

  const decode = async (req: FastifyRequest, reply: FastifyReply) => {
    allowOrigin(origin, req, reply);
    if (context.payloadCodec === null) throw new CountersignError("NOT_FOUND", "Payloads are not encrypted here.");
    return decodePayloadsJson(context.payloadCodec, req.body);
  };
  const preflight = async (req: FastifyRequest, reply: FastifyReply) => {
    allowOrigin(origin, req, reply);
    reply.header("access-control-allow-methods", "POST");
    reply.header("access-control-allow-headers", "authorization, content-type, x-namespace");
    return reply.code(204).send();
  };
  const options = { bodyLimit: LIMITS.codecBodyBytes, schema: { hide: true } };

  app.options("/codec/decode", options, preflight);
  app.post("/codec/decode", options, async (req, reply) => {
    allowOrigin(origin, req, reply);
    await authorisedOperator(context, req);
    return decode(req, reply);
  });

  if (codecToken === null) return;
  const params = z.object({ token: z.string().max(200) });
  app.options("/codec/:token/decode", { ...options, schema: { hide: true, params } }, preflight);
  app.post("/codec/:token/decode", { ...options, schema: { hide: true, params } }, async (req, reply) => {
    if (!isLoopback(req.ip) || !constantTimeEqual(req.params.token, codecToken)) {
      throw new CountersignError("NOT_FOUND", "");
    }
    return decode(req, reply);
  });
}

/** The one page that may read the answers. Without the header browsers keep them from every other page. */
function allowOrigin(origin: string | null, req: FastifyRequest, reply: FastifyReply): void {
  reply.header("vary", "origin").header("cache-control", "no-store");
  reply.header("cross-origin-resource-policy", "cross-origin");
  if (origin !== null && req.headers.origin === origin) reply.header("access-control-allow-origin", origin);
}

function isLoopback(address: string): boolean {
  return address === "::1" || /^(::ffff:)?127\./.test(address);
}
