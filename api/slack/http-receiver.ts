import type { RequestListener } from "node:http";
import { type App as BoltApp, HTTPReceiver } from "@slack/bolt";
import type { FastifyRequest } from "fastify";
import type { Logger } from "pino";
import { complaints } from "../../channels/slack/client.ts";
import { CountersignError } from "../../core/errors.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Api } from "../app.ts";
import type { ApiContext } from "../context.ts";
import { NotTaken, type TakeInbound } from "./inbound.ts";

const PATH = "/slack/events";

/**
 * Clicks, submissions, commands and events, all at one address. Bolt verifies the signature over the bytes as they
 * came; what it lets through (any time to come, a body of any size) is refused here before.
 */
export function httpReceiver(app: Api, context: ApiContext, signingSecret: string, take: TakeInbound): void {
  const listener = listenerOf(signingSecret, take, context.log);
  // The bytes are what is signed, so they are kept and never decoded before.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(TYPES, { parseAs: "buffer", bodyLimit: LIMITS.bodyBytes }, (req, body, done) => {
    Object.assign(req.raw, { rawBody: body });
    done(null, undefined);
  });
  const config = { rateLimit: { max: LIMITS.slackCallsPerMinute, timeWindow: 60_000 } };
  app.post(PATH, { schema: { hide: true }, config }, async (req, reply) => {
    assertNow(req, context.clock());
    // Bolt compares both word by word, and the framework has already understood them.
    req.raw.url = PATH;
    req.raw.headers["content-type"] = TYPES.find((type) => req.headers["content-type"]?.startsWith(type));
    reply.hijack();
    listener(req.raw, reply.raw);
  });
}

const TYPES = ["application/x-www-form-urlencoded", "application/json"];

function listenerOf(signingSecret: string, take: TakeInbound, log: Logger): RequestListener {
  const receiver = new HTTPReceiver({
    signingSecret,
    endpoints: [PATH],
    bodyLimit: LIMITS.bodyBytes,
    logger: complaints(log),
    processEventErrorHandler: async ({ error, response }) => {
      if (!response.headersSent) response.writeHead(statusAfter(error, log)).end();
      return true;
    },
    unhandledRequestHandler: ({ response }) => {
      if (!response.headersSent) response.writeHead(503).end();
    },
  });
  // Of an app, a receiver uses this one function.
  const app: Pick<BoltApp, "processEvent"> = { processEvent: take };
  receiver.init(app as BoltApp);
  return receiver.requestListener;
}

/** A time to come would keep a signature good until then. A missing time is Bolt's to refuse. */
function assertNow(req: FastifyRequest, now: number): void {
  const given = req.headers["x-slack-request-timestamp"];
  if (given === undefined) return;
  const seconds = /^\d{1,12}$/.test(String(given)) ? Number(given) : Number.POSITIVE_INFINITY;
  if (Math.abs(now / 1000 - seconds) > LIMITS.slackSkewSeconds) {
    throw new CountersignError("UNAUTHENTICATED", "The time of this call is not now.");
  }
}

function statusAfter(error: unknown, log: Logger): number {
  if (error instanceof NotTaken) return error.status;
  log.error({ err: error }, "a delivery of Slack failed");
  return 503;
}
