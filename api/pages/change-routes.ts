import { Readable } from "node:stream";
import type { FastifyReply } from "fastify";
import { z } from "zod";
import { CountersignError } from "../../core/errors.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Api } from "../app.ts";
import { sessionOf } from "../auth/session.ts";
import type { ApiContext } from "../context.ts";
import { RequestId } from "../contract/primitives.ts";
import { readRequest } from "../reading.ts";
import { listen } from "../wait.ts";

/** Tells an open page that its request is no longer what it shows. */
export function changeRoutes(app: Api, context: ApiContext): void {
  let open = 0;
  const schema = {
    hide: true,
    params: z.object({ id: RequestId }),
    querystring: z.object({ revision: z.coerce.number().int().min(0) }),
  };
  app.get("/requests/:id/changes", { schema }, async (req, reply) => {
    const { id } = req.params;
    const look = async () => {
      const session = await sessionOf(context, req);
      if (session === null) throw new CountersignError("UNAUTHENTICATED", "");
      return readRequest(context, session.identity, id);
    };
    const shown = await look();
    if (open >= LIMITS.streamsOpen) throw new CountersignError("OVERLOADED", "Too many pages are open.");
    const gone = new AbortController();
    open += 1;
    reply.raw.once("close", () => {
      open -= 1;
      gone.abort();
    });
    const known = { revision: req.query.revision, status: shown.status };
    reply.header("content-type", "text/event-stream").header("x-accel-buffering", "no");
    const stream: FastifyReply = reply;
    return stream.send(Readable.from(changes(context, id, known, look, gone.signal), { objectMode: false }));
  });
}

type Known = { revision: number; status: string };

async function* changes(
  context: ApiContext,
  id: string,
  known: Known,
  look: () => Promise<Known>,
  gone: AbortSignal,
): AsyncGenerator<string> {
  const until = Date.now() + LIMITS.streamSeconds * 1_000;
  const feed = listen(context, id, AbortSignal.any([gone, context.stopping]));
  try {
    yield "retry: 2000\n\n";
    while (!feed.ended() && Date.now() < until) {
      const { revision, status } = await look();
      // Running and its end are written by the executor and move no revision of the workflow.
      if (revision !== known.revision || status !== known.status) {
        yield "event: changed\ndata: {}\n\n";
        return;
      }
      yield ": still the same\n\n";
      await feed.next(LIMITS.streamHeartbeatSeconds * 1_000);
    }
  } catch (error) {
    context.log.debug({ err: error }, "page stream ended");
  } finally {
    feed.stop();
  }
}
