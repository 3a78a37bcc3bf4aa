import type { Socket } from "node:net";
import cookie from "@fastify/cookie";
import helmet from "@fastify/helmet";
import fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyRequest, LogController } from "fastify";
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from "fastify-type-provider-zod";
import { LIMITS } from "../core/limits.ts";
import { limitCalls } from "./call-limits.ts";
import type { ApiContext } from "./context.ts";
import { document } from "./documentation.ts";
import { pageRoutes } from "./pages/routes.ts";
import { answerError } from "./problem.ts";
import { routes } from "./routes/routes.ts";
import { signInRoutes } from "./routes/sign-in.ts";
import { slackInbound } from "./slack/slack.ts";
import { answerUnrouted, rememberMethods } from "./unrouted.ts";
import { assertStorable } from "./validation.ts";

export type App = FastifyInstance;
export type Api = ReturnType<typeof typed>;

/** Builds the server; main.ts listens. */
export async function build(context: ApiContext): Promise<App> {
  const app = fastify({
    loggerInstance: context.log as FastifyBaseLogger,
    // The address may hold a sign-in code, so the default lines, which carry it, are replaced below.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: LIMITS.bodyBytes,
    genReqId: () => context.newId("call"),
    trustProxy: false,
    return503OnClosing: true,
    forceCloseConnections: "idle",
    routerOptions: { maxParamLength: 200 },
    frameworkErrors: (error, req, reply) => answerError(context, error, req, reply),
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler((error, req, reply) => answerError(context, error, req, reply));
  const methods = rememberMethods(app);
  logCalls(app);
  app.addHook("preValidation", async (req) => assertStorable(req.body));
  closeQuickly(app, context);
  await app.register(helmet, securityHeaders(context));
  await app.register(cookie, { secret: context.settings.sessionSecret });
  await limitCalls(app, context);
  // Before anything looks at headers or body: a method that no address takes may bring any.
  app.addHook("onRequest", async (req, reply) => {
    if (req.is404) return answerUnrouted(context, methods, req, reply);
  });
  app.setNotFoundHandler((req, reply) => answerUnrouted(context, methods, req, reply));
  await document(app, context);
  await app.register(async (scope) => routes(typed(scope), context));
  await app.register(async (scope) => signInRoutes(typed(scope), context));
  await app.register(async (scope) => pageRoutes(typed(scope), context));
  const { slack } = context;
  if (slack !== null) await app.register(async (scope) => slackInbound(typed(scope), slack));
  return app;
}

function typed(scope: FastifyInstance) {
  return scope.withTypeProvider<ZodTypeProvider>();
}

/** Everything comes from here: no foreign script, frame, font or form target, and no inline code. */
function securityHeaders(context: ApiContext) {
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", "data:"],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
      },
    },
    strictTransportSecurity: context.settings.publicUrl.startsWith("https:"),
    referrerPolicy: { policy: "no-referrer" },
  } as const;
}

/** Open waits and streams, and connections kept alive after them, would keep the server from closing. */
function closeQuickly(app: FastifyInstance, context: ApiContext): void {
  // Browsers and HTTP clients open spare connections; one that never asked anything does not count as idle.
  const silent = new Set<Socket>();
  app.server.on("connection", (socket: Socket) => {
    silent.add(socket);
    socket.once("close", () => silent.delete(socket));
  });
  app.addHook("onRequest", async (req) => void silent.delete(req.raw.socket));
  app.addHook("preClose", async () => {
    context.stop();
    for (const socket of silent) socket.destroy();
  });
  app.addHook("onSend", async (_req, reply) => {
    const streams = String(reply.getHeader("content-type")).startsWith("text/event-stream");
    if (streams || context.stopping.aborted) reply.header("connection", "close");
  });
}

/** One line a call, with the route's pattern instead of the address. */
function logCalls(app: FastifyInstance): void {
  app.addHook("onRequest", async (req, reply) => {
    reply.header("x-call-id", req.id);
    if (req.url.startsWith("/v1/")) reply.header("cache-control", "no-store");
  });
  app.addHook("onResponse", async (req, reply) => {
    const line = {
      method: req.method,
      route: routeOf(req),
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
    };
    if (reply.statusCode >= 500) req.log.error(line, "call");
    else req.log.debug(line, "call");
  });
}

function routeOf(req: FastifyRequest): string {
  return req.routeOptions.url ?? "unrouted";
}
