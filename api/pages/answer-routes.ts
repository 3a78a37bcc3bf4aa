import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { CountersignError } from "../../core/errors.ts";
import { LIMITS } from "../../core/limits.ts";
import { VERBS } from "../../core/message.ts";
import { isReasonCode, REASON_CODES, sentenceOf } from "../../core/reason-codes.ts";
import type { Api } from "../app.ts";
import { assertCsrf } from "../auth/csrf.ts";
import { type Session, sessionOf } from "../auth/session.ts";
import type { ApiContext } from "../context.ts";
import { DigestText, RequestId } from "../contract/primitives.ts";
import { sendMessage } from "../messages.ts";
import { readRequest } from "../reading.ts";
import { resolveUnknown } from "../resolving.ts";
import type { RequestPage } from "./request-page.ts";
import { send, showRequest } from "./show-request.ts";

/** Answers by form. Each names exactly the digests its page showed, and says afterwards whether it counted. */
export function answerRoutes(app: Api, context: ApiContext): void {
  const params = z.object({ id: RequestId });
  app.post("/requests/:id/answers", { schema: { hide: true, params, body: AnswerForm } }, async (req, reply) => {
    const session = await postedSession(context, req, req.body.csrf);
    const { id } = req.params;
    await readRequest(context, session.identity, id);
    return answered(context, session, id, await sendAnswer(context, session, id, req.body), reply);
  });

  app.post("/requests/:id/resolution", { schema: { hide: true, params, body: ResolutionForm } }, async (req, reply) => {
    const session = await postedSession(context, req, req.body.csrf);
    const { id } = req.params;
    const { outcome, note } = req.body;
    await resolveUnknown(context, session.identity, id, { outcome, reason: "ADMIN_RESOLVED", note });
    return reply.redirect(`/requests/${id}`, 303);
  });
}

const text = z.string().max(LIMITS.noteChars).default("");
const AnswerForm = z.object({
  csrf: z.string(),
  verb: z.enum(VERBS),
  digest: DigestText,
  factsDigest: DigestText.or(z.literal("")).default(""),
  reason: z.string().max(100).default(""),
  note: text,
  seconds: z.coerce.number().int().min(1).max(LIMITS.maxTimeoutSeconds).optional(),
});
const ResolutionForm = z.object({
  csrf: z.string(),
  outcome: z.enum(["succeeded", "failed"]),
  note: z.string().trim().min(1).max(LIMITS.noteChars),
});

/** Who sent a form of ours; throws UNAUTHENTICATED or CSRF. */
export async function postedSession(context: ApiContext, req: FastifyRequest, csrf: string): Promise<Session> {
  const session = await sessionOf(context, req);
  if (session === null) throw new CountersignError("UNAUTHENTICATED", "");
  assertCsrf(context, session.token, csrf);
  return session;
}

async function sendAnswer(context: ApiContext, session: Session, requestId: string, form: z.output<typeof AnswerForm>) {
  const { verb, digest, factsDigest, reason, note, seconds } = form;
  const input = {
    ...{ requestId, verb, digest, flag: null },
    factsDigest: factsDigest === "" ? null : factsDigest,
    reason: reason === "" ? null : reason,
    note: note.trim() === "" ? null : note.trim(),
    extendSeconds: verb === "extend" ? (seconds ?? null) : null,
  };
  return sendMessage(context, session.identity, input, null);
}

/** Recorded: back to the page, so that reloading it sends nothing again. Refused: the page, with why and what next. */
async function answered(
  context: ApiContext,
  session: Session,
  id: string,
  delivery: Awaited<ReturnType<typeof sendAnswer>>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (delivery.kind === "answered" && delivery.answer.recorded) return reply.redirect(`/requests/${id}`, 303);
  const notice = delivery.kind === "sent" ? MAY_COUNT : refusalNotice(delivery.answer.code);
  const status = delivery.kind === "sent" ? 202 : statusOf(delivery.answer.code);
  return send(reply.code(status), await showRequest(context, session, id, notice));
}

const MAY_COUNT: RequestPage["notice"] = {
  tone: "bad",
  text: "Your answer was sent, and it is not known yet whether it was recorded.",
  next: "This page shows it as soon as it is; do not answer again before you have looked.",
};

function refusalNotice(code: string): RequestPage["notice"] {
  const next = isReasonCode(code) ? ("next" in REASON_CODES[code] ? (REASON_CODES[code].next ?? null) : null) : null;
  return { tone: "bad", text: `Your answer did not count. ${sentenceOf(code)}`, next };
}

function statusOf(code: string): number {
  return (isReasonCode(code) ? REASON_CODES[code].status : undefined) ?? 409;
}
