import { Readable } from "node:stream";
import type { FastifyReply } from "fastify";
import { z } from "zod";
import { CountersignError } from "../../core/errors.ts";
import { LIMITS } from "../../core/limits.ts";
import { eventsOf } from "../../db/read/events.ts";
import type { Api } from "../app.ts";
import { identifyAgain } from "../auth/authenticate.ts";
import { authorised } from "../authority.ts";
import type { ApiContext } from "../context.ts";
import { BEARER, PROBLEMS } from "../contract/answers.ts";
import { EventPage } from "../contract/event.ts";
import { Limit, RequestId } from "../contract/primitives.ts";
import { eventStream } from "../event-stream.ts";
import { eventView } from "../event-view.ts";
import { readRequest } from "../reading.ts";

/** The timeline of a request: a page of it, or the rest of it as it happens. */
export function eventRoutes(app: Api, context: ApiContext): void {
  let open = 0;
  app.get("/v1/requests/:id/events", { schema }, async (req, reply) => {
    const identity = await authorised(context, req, "read");
    const { id } = req.params;
    await readRequest(context, identity, id);
    if (!(req.headers.accept ?? "").includes("text/event-stream")) {
      const { after = null, limit } = req.query;
      const { configuration } = await context.configuration.inForce();
      const events = await eventsOf(context.database, id, after, limit);
      const nextCursor = events.length < limit ? null : (events.at(-1)?.id ?? null);
      return { items: events.map((event) => eventView(event, configuration)), nextCursor };
    }
    if (open >= LIMITS.streamsOpen) throw new CountersignError("OVERLOADED", "Too many streams are open.");
    const gone = new AbortController();
    open += 1;
    reply.raw.once("close", () => {
      open -= 1;
      gone.abort();
    });
    const after = lastEventId(req.headers["last-event-id"]) ?? req.query.after ?? null;
    const mayStay = async () => {
      await readRequest(context, await identifyAgain(context, req), id);
    };
    // Proxies that collect an answer before passing it on would hold back every event.
    reply.header("content-type", "text/event-stream").header("x-accel-buffering", "no");
    const stream: FastifyReply = reply;
    return stream.send(Readable.from(eventStream(context, id, after, mayStay, gone.signal), { objectMode: false }));
  });
}

function lastEventId(header: string | string[] | undefined): string | null {
  return typeof header === "string" && header !== "" ? header : null;
}

const schema = {
  summary: "Read what happened to a request, oldest first",
  description:
    "With `Accept: text/event-stream` the stream goes on as things happen; `Last-Event-ID` resumes it after that event.",
  tags: ["requests"],
  security: BEARER,
  params: z.object({ id: RequestId }),
  querystring: z.strictObject({
    after: z
      .string()
      .regex(/^\d{1,18}$/)
      .optional(),
    limit: Limit,
  }),
  response: {
    200: {
      description: "A page of events, or a stream of them.",
      content: { "application/json": { schema: EventPage }, "text/event-stream": { schema: z.string() } },
    },
    ...PROBLEMS,
  },
};
