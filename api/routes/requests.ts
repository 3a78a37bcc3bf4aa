import { z } from "zod";
import { listRequests } from "../../db/read/requests.ts";
import type { Api } from "../app.ts";
import { authorised, authorisedAgent } from "../authority.ts";
import type { ApiContext } from "../context.ts";
import { BEARER, PROBLEMS } from "../contract/answers.ts";
import { RequestId, WaitSeconds } from "../contract/primitives.ts";
import { ListQuery, RequestPage, RequestView } from "../contract/request.ts";
import { IdempotencyKey, SubmitBody } from "../contract/submit.ts";
import { listFilterOf } from "../list-filter.ts";
import { answerRequest, readRequest, readWhenEnded, retryAfter, viewFor } from "../reading.ts";
import { submit } from "../submit.ts";

/** Asking, reading and listing. */
export function requestRoutes(app: Api, context: ApiContext): void {
  app.post("/v1/requests", { schema: askSchema }, async (req, reply) => {
    const identity = await authorisedAgent(context, req, "ask");
    const id = await submit(context, identity, req.body, req.headers["idempotency-key"]);
    reply.header("location", `/v1/requests/${id}`);
    const record = await readWhenEnded(context, identity, id, req.body.wait ?? 0, reply);
    return answerRequest(context, identity, record, reply);
  });

  app.get("/v1/requests/:id", { schema: readSchema }, async (req, reply) => {
    const identity = await authorised(context, req, "read");
    const { id } = req.params;
    const { wait } = req.query;
    const record =
      wait === undefined
        ? await readRequest(context, identity, id)
        : await readWhenEnded(context, identity, id, wait, reply);
    retryAfter(record.status, reply);
    return viewFor(context, identity, record);
  });

  app.get("/v1/requests", { schema: listSchema }, async (req) => {
    const identity = await authorised(context, req, "read");
    const page = await listRequests(context.database, listFilterOf(req.query, identity));
    const items = await Promise.all(page.items.map((record) => viewFor(context, identity, record)));
    return { items, nextCursor: page.nextCursor };
  });
}

const askSchema = {
  summary: "Ask for a privileged action",
  description: "200 when it has ended, 202 when it has not; the same key asks for the same request for ever.",
  tags: ["requests"],
  security: BEARER,
  headers: z.object({ "idempotency-key": IdempotencyKey }),
  body: SubmitBody,
  response: { 200: RequestView, 202: RequestView, ...PROBLEMS },
};

const readSchema = {
  summary: "Read a request",
  description: "With `wait`, held for up to that many seconds until the request has ended.",
  tags: ["requests"],
  security: BEARER,
  params: z.object({ id: RequestId }),
  querystring: z.strictObject({ wait: WaitSeconds.optional() }),
  response: { 200: RequestView, ...PROBLEMS },
};

const listSchema = {
  summary: "List requests the caller may read, newest first",
  tags: ["requests"],
  security: BEARER,
  querystring: ListQuery,
  response: { 200: RequestPage, ...PROBLEMS },
};
