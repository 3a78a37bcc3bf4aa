import { LIMITS } from "../core/limits.ts";
import { eventsOf } from "../db/read/events.ts";
import type { ApiContext } from "./context.ts";
import { eventView } from "./event-view.ts";
import { listen } from "./wait.ts";

/**
 * Server-sent events: all that is there after `after`, then each as it happens, and a comment now and
 * then so that a dead connection is noticed. `mayStay` throws when the credential or the right is gone.
 */
export async function* eventStream(
  context: ApiContext,
  requestId: string,
  after: string | null,
  mayStay: () => Promise<void>,
  gone: AbortSignal,
): AsyncGenerator<string> {
  const until = Date.now() + LIMITS.streamSeconds * 1000;
  const changes = listen(context, requestId, AbortSignal.any([gone, context.stopping]));
  let last = after;
  try {
    yield "retry: 2000\n\n";
    while (!changes.ended() && Date.now() < until) {
      const events = await eventsOf(context.database, requestId, last, LIMITS.pageSize);
      const { configuration } = await context.configuration.inForce();
      for (const event of events) {
        last = event.id;
        // JSON has no line breaks outside its strings and escapes those inside, so one event is one line.
        yield `id: ${event.id}\ndata: ${JSON.stringify(eventView(event, configuration))}\n\n`;
      }
      if (events.length === LIMITS.pageSize) continue;
      await changes.next(LIMITS.streamHeartbeatSeconds * 1000);
      if (changes.ended()) return;
      await mayStay();
      yield ": still here\n\n";
    }
  } catch (error) {
    // Headers are long gone: ending the stream is all that can be said, and clients come back.
    context.log.debug({ err: error }, "stream ended");
  } finally {
    changes.stop();
  }
}
