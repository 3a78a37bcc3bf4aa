import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Verb } from "../../core/message.ts";
import type { RequestRecord } from "../../db/types.ts";
import type { Api } from "../app.ts";
import type { Identity } from "../auth/identity.ts";
import { authorised } from "../authority.ts";
import type { ApiContext } from "../context.ts";
import { BEARER, PROBLEMS } from "../contract/answers.ts";
import { ExtendBody, MessageBody, ReviewBody, Sent } from "../contract/message.ts";
import { RequestId } from "../contract/primitives.ts";
import { RequestView } from "../contract/request.ts";
import { IdempotencyKey } from "../contract/submit.ts";
import { channelOf, type MessageInput, sendMessage } from "../messages.ts";
import { Refusal } from "../problem.ts";
import { readRequest, viewFor } from "../reading.ts";

/** Everything people, and the requesting agent, can say about a request. */
export function messageRoutes(app: Api, context: ApiContext): void {
  app.post(
    "/v1/requests/:id/reviews",
    { schema: schemaOf("Approve, deny or flag", ReviewBody) },
    async (req, reply) => {
      const { verb, flag = null, reason = null, note = null, digest, factsDigest } = req.body;
      const words = { verb, flag, reason, note, digest, extendSeconds: null };
      // Who names no facts answers about those that are recorded now.
      return say(context, req, reply, req.params.id, (record) => ({
        ...words,
        factsDigest: factsDigest ?? record.state?.factsDigest ?? null,
      }));
    },
  );

  app.post("/v1/requests/:id/extend", { schema: schemaOf("Move the deadline", ExtendBody) }, async (req, reply) => {
    const { seconds, note = null, digest } = req.body;
    return say(context, req, reply, req.params.id, (record) => ({
      ...QUIET,
      verb: "extend",
      note,
      digest: digest ?? record.submission.digest,
      extendSeconds: seconds,
    }));
  });

  for (const [verb, summary] of Object.entries(SAYINGS) as [keyof typeof SAYINGS, string][]) {
    app.post(`/v1/requests/:id/${verb}`, { schema: schemaOf(summary, MessageBody) }, async (req, reply) => {
      const { reason = null, note = null, digest, factsDigest = null } = req.body;
      return say(context, req, reply, req.params.id, (record) => ({
        ...QUIET,
        verb,
        reason,
        note,
        factsDigest,
        digest: digest ?? record.submission.digest,
      }));
    });
  }
}

const SAYINGS = {
  withdraw: "Withdraw before it runs (requester, owner, operator)",
  stop: "Stop what is starting or running (reviewer, owner, operator)",
  release: "Release a hold (auditors, not the flagger)",
  reject: "Reject a held request (auditors, not the flagger)",
} as const;

const QUIET = { flag: null, reason: null, note: null, factsDigest: null, extendSeconds: null };

type Words = Omit<MessageInput, "requestId">;

/** 200 with the request once it is recorded; 202 when it was sent and nobody knows yet; else a problem. */
async function say(
  context: ApiContext,
  req: FastifyRequest,
  reply: FastifyReply,
  requestId: string,
  wordsFor: (record: RequestRecord) => Words,
): Promise<RequestView | Sent> {
  const identity = await authorised(context, req, "answer");
  const record = await readRequest(context, identity, requestId);
  const words = wordsFor(record);
  assertMaySay(context, identity, record, words);
  const key = req.headers["idempotency-key"];
  const delivery = await sendMessage(context, identity, { requestId, ...words }, typeof key === "string" ? key : null);
  const statusUrl = `${context.settings.publicUrl}/v1/requests/${requestId}`;
  if (delivery.kind === "sent") {
    reply.code(202).header("location", `/v1/requests/${requestId}`).header("retry-after", 1);
    return { recorded: null, messageId: delivery.messageId, detail: MAY_COUNT, statusUrl };
  }
  if (!delivery.answer.recorded) throw new Refusal(delivery.answer.code);
  return viewFor(context, identity, await readRequest(context, identity, requestId));
}

const MAY_COUNT =
  "It was sent, and no answer came in time: it may still be recorded. Read the request; to send it again, use the same Idempotency-Key.";

/** What this surface refuses by itself; all the rest is the workflow's to judge. */
function assertMaySay(context: ApiContext, identity: Identity, record: RequestRecord, { verb }: Words): void {
  if (identity.kind === "agent") {
    if (verb === "withdraw") return;
    throw new Refusal(verb === "stop" || verb === "extend" ? "REVIEW_NOT_ALLOWED" : "REVIEW_NOT_A_PERSON");
  }
  if (context.settings.mode === "development" || identity.method !== "token" || !ANSWERS.has(verb)) return;
  // A coding agent can read a token in its owner's home, so a token answers only where policy says so.
  if (!record.state?.requirement?.channels.includes(channelOf(identity))) {
    throw new Refusal("REVIEW_CHANNEL_NOT_ALLOWED");
  }
}

const ANSWERS: ReadonlySet<Verb> = new Set(["approve", "deny", "flag"]);

function schemaOf<Body extends z.ZodType>(summary: string, body: Body) {
  return {
    summary,
    description: "Repeat it with the same Idempotency-Key and it stays one answer.",
    tags: ["reviews"],
    security: BEARER,
    params: z.object({ id: RequestId }),
    headers: z.object({ "idempotency-key": IdempotencyKey.optional() }),
    body,
    response: { 200: RequestView, 202: Sent, ...PROBLEMS },
  };
}
