import rateLimit from "@fastify/rate-limit";
import underPressure from "@fastify/under-pressure";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { CountersignError } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import { identify } from "./auth/authenticate.ts";
import type { ApiContext } from "./context.ts";

const ANONYMOUS = "address:";

/** How much one credential may call, and when the process says that it has too much to do. */
export async function limitCalls(app: FastifyInstance, context: ApiContext): Promise<void> {
  await app.register(underPressure, { maxEventLoopDelay: LIMITS.eventLoopDelaySeconds * 1000 });
  await app.register(rateLimit, {
    timeWindow: 60_000,
    keyGenerator: (req) => keyOf(context, req),
    max: (_req, key) => (key.startsWith(ANONYMOUS) ? LIMITS.anonymousCallsPerMinute : LIMITS.callsPerMinute),
    errorResponseBuilder: (_req, { after }) => new CountersignError("RATE_LIMITED", `Try again in ${after}.`),
  });
}

/** The credential once it is believed, so that nobody can use up another one's share; else the address. */
async function keyOf(context: ApiContext, req: FastifyRequest): Promise<string> {
  try {
    return (await identify(context, req)).credentialId;
  } catch {
    return ANONYMOUS + req.ip;
  }
}
