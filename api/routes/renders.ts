import { z } from "zod";
import { CountersignError } from "../../core/errors.ts";
import { messageSeen } from "../../db/read/render.ts";
import type { Api } from "../app.ts";
import { authorised } from "../authority.ts";
import type { ApiContext } from "../context.ts";
import { BEARER, PROBLEMS } from "../contract/answers.ts";
import { MessageId, RequestId } from "../contract/primitives.ts";
import { RenderView } from "../contract/render.ts";
import { readRequest } from "../reading.ts";
import { time } from "../request-view.ts";

/** What somebody saw when they answered: kept before it was shown, and named by the answer they signed off. */
export function renderRoutes(app: Api, context: ApiContext): void {
  app.get("/v1/requests/:id/renders/:messageId", { schema }, async (req): Promise<RenderView> => {
    const identity = await authorised(context, req, "read");
    const { id: requestId, messageId } = req.params;
    await readRequest(context, identity, requestId);
    const seen = await messageSeen(context.database, requestId, messageId);
    if (seen === null) throw new CountersignError("NOT_FOUND", "The request has no answer of this id.");
    const { content, drawing } = seen;
    const { evidence, verb, principal, channel, signedAt } = content;
    if (evidence.method !== "slack" || drawing === null) {
      throw new CountersignError("NOT_FOUND", "Nothing was drawn for this answer: it was not given in a chat.");
    }
    const { surface, conversation, message, shown } = evidence;
    return {
      ...{ requestId, messageId, verb, principal, channel, surface, conversation, message, shown },
      ...{ renderer: drawing.renderer, drawing: drawing.drawing },
      ...{ shownAt: time(drawing.at), answeredAt: time(signedAt) },
    };
  });
}

const schema = {
  summary: "What was shown to somebody who answered in a chat",
  description:
    "The stored drawing that the answer's signed digest names; `countersign show REQUEST --as-seen ANSWER` draws it.",
  tags: ["requests"],
  security: BEARER,
  params: z.object({ id: RequestId, messageId: MessageId }),
  response: { 200: RenderView, ...PROBLEMS },
};
