import type { FastifyReply } from "fastify";
import { LIMITS } from "../../core/limits.ts";
import { eventsOf } from "../../db/read/events.ts";
import { csrfTokenOf } from "../auth/csrf.ts";
import type { Session } from "../auth/session.ts";
import type { ApiContext } from "../context.ts";
import { eventView } from "../event-view.ts";
import { explanationView } from "../explanation.ts";
import { readRequest, viewFor } from "../reading.ts";
import { type RequestPage, requestPage } from "./request-page.ts";

/** Reads what is recorded of a request and renders it for this visitor. */
export async function showRequest(
  context: ApiContext,
  session: Session,
  id: string,
  notice: RequestPage["notice"],
): Promise<string> {
  const { identity } = session;
  const record = await readRequest(context, identity, id);
  const { configuration } = await context.configuration.inForce();
  const events = await eventsOf(context.database, id, null, LIMITS.maxPageSize);
  return requestPage({
    request: await viewFor(context, identity, record),
    events: events.map((event) => eventView(event, configuration)),
    explanation: explanationView(record, identity, configuration),
    visitor: visitorOf(context, session),
    notice,
    temporalUrl: temporalUrl(context, id),
    now: context.clock(),
  });
}

export function visitorOf(context: ApiContext, session: Session): { name: string; csrf: string } {
  return { name: session.identity.name, csrf: csrfTokenOf(context, session.token) };
}

export function send(reply: FastifyReply, page: string): FastifyReply {
  return reply.header("cache-control", "no-store").type("text/html; charset=utf-8").send(page);
}

function temporalUrl({ settings }: ApiContext, id: string): string | null {
  if (settings.temporalUiUrl === null) return null;
  return `${settings.temporalUiUrl}/namespaces/${settings.temporal.namespace}/workflows/${id}`;
}
