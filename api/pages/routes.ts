import formbody from "@fastify/formbody";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { LIMITS } from "../../core/limits.ts";
import { STATUSES } from "../../core/status.ts";
import { listRequests } from "../../db/read/requests.ts";
import type { Api } from "../app.ts";
import { type Session, sessionOf } from "../auth/session.ts";
import type { ApiContext } from "../context.ts";
import { RequestId } from "../contract/primitives.ts";
import { listFilterOf } from "../list-filter.ts";
import { problemFor } from "../problem.ts";
import { viewFor } from "../reading.ts";
import { accountRoutes } from "./account-routes.ts";
import { answerRoutes } from "./answer-routes.ts";
import { assetRoutes } from "./asset-routes.ts";
import { changeRoutes } from "./change-routes.ts";
import { inboxPage } from "./inbox-page.ts";
import { noticePage } from "./notice-page.ts";
import { send, showRequest, visitorOf } from "./show-request.ts";

/** What people look at. Reading pages changes nothing; answers are forms that post. */
export async function pageRoutes(app: Api, context: ApiContext): Promise<void> {
  await app.register(formbody, { bodyLimit: LIMITS.formBytes });
  app.setErrorHandler((error, req, reply) => answerWithPage(context, error, req, reply));
  assetRoutes(app);
  accountRoutes(app, context);
  answerRoutes(app, context);
  changeRoutes(app, context);

  app.get("/", { schema: { hide: true, querystring: InboxQuery } }, async (req, reply) => {
    const session = await sessionOf(context, req);
    if (session === null) return reply.redirect("/sign-in", 302);
    return send(reply, await inbox(context, session, req.query));
  });

  app.get("/requests/:id", { schema: { hide: true, params: z.object({ id: RequestId }) } }, async (req, reply) => {
    const session = await sessionOf(context, req);
    if (session === null) return reply.redirect(`/sign-in?next=/requests/${req.params.id}`, 302);
    return send(reply, await showRequest(context, session, req.params.id, null));
  });
}

const InboxQuery = z.object({
  q: z.string().max(200).default(""),
  status: z.enum(STATUSES).or(z.literal("")).default(""),
  cursor: z.string().max(300).optional(),
});

async function inbox(context: ApiContext, session: Session, query: z.output<typeof InboxQuery>): Promise<string> {
  const { identity } = session;
  const waitingFilter = listFilterOf({ waitingFor: "me", limit: LIMITS.pageSize }, identity);
  const narrowed = {
    ...(query.status === "" ? {} : { status: query.status }),
    ...(query.q.trim() === "" ? {} : { text: query.q.trim() }),
    ...(query.cursor === undefined ? {} : { cursor: query.cursor }),
  };
  const [waiting, recent] = await Promise.all([
    listRequests(context.database, waitingFilter),
    listRequests(context.database, listFilterOf({ ...narrowed, limit: LIMITS.pageSize }, identity)),
  ]);
  const views = (records: typeof recent.items) =>
    Promise.all(records.map((record) => viewFor(context, identity, record)));
  const next = new URLSearchParams({ q: query.q, status: query.status, cursor: recent.nextCursor ?? "" });
  return inboxPage({
    visitor: visitorOf(context, session),
    waiting: await views(waiting.items),
    recent: await views(recent.items),
    search: query.q,
    status: query.status,
    nextPage: recent.nextCursor === null ? null : `/?${next}`,
    now: context.clock(),
  });
}

/** The same errors as everywhere, said to a person. */
export async function answerWithPage(
  context: ApiContext,
  error: unknown,
  req: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const problem = problemFor(context, error, req);
  if (problem.code === "UNAUTHENTICATED") return reply.redirect("/sign-in", 302);
  const session = await sessionOf(context, req).catch(() => null);
  const visitor = session === null ? null : visitorOf(context, session);
  const page = noticePage({ title: problem.title, text: problem.detail, next: `Call ${req.id}`, visitor });
  return send(reply.code(problem.status), page);
}
