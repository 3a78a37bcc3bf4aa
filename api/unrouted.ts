import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { CountersignError } from "../core/errors.ts";
import type { ApiContext } from "./context.ts";
import { answerError } from "./problem.ts";

/** Which methods each address takes, as the routes said when they were registered. */
export type Methods = Map<string, { pattern: RegExp; methods: Set<string> }>;

export function rememberMethods(app: FastifyInstance): Methods {
  const known: Methods = new Map();
  app.addHook("onRoute", ({ url, method }) => {
    const entry = known.get(url) ?? { pattern: patternOf(url), methods: new Set() };
    for (const one of [method].flat()) entry.methods.add(one);
    known.set(url, entry);
  });
  return known;
}

/** 405 with Allow where the address exists for other methods (QUERY, TRACE and all others too); else 404. */
export function answerUnrouted(
  context: ApiContext,
  known: Methods,
  req: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const path = new URL(req.url, "http://api").pathname;
  const allowed = new Set([...known.values()].flatMap((entry) => (entry.pattern.test(path) ? [...entry.methods] : [])));
  if (allowed.size === 0 || allowed.has(req.method)) {
    answerError(context, new CountersignError("NOT_FOUND", ""), req, reply);
    return reply;
  }
  const allow = [...allowed].sort().join(", ");
  reply.header("allow", allow);
  answerError(context, new CountersignError("METHOD_NOT_ALLOWED", `It takes ${allow}.`), req, reply);
  return reply;
}

/** Routes here use `:name` and a trailing `*`, nothing else of the router's language. */
function patternOf(url: string): RegExp {
  const parts = url.split("/").map((part) => {
    if (part.startsWith(":")) return "[^/]+";
    return part.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replace("*", ".*");
  });
  return new RegExp(`^${parts.join("/")}$`);
}
