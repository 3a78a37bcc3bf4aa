import { z } from "zod";
import { CountersignError } from "../../core/errors.ts";
import { messageSeen, seenAnswers } from "../../db/read/render.ts";
import type { Api } from "../app.ts";
import { authorised } from "../authority.ts";
import type { ApiContext } from "../context.ts";
import { BEARER, PROBLEMS } from "../contract/answers.ts";
import { MessageId, RequestId } from "../contract/primitives.ts";
import { RenderList, RenderView } from "../contract/render.ts";
import { readRequest } from "../reading.ts";
import { nameOf, time } from "../request-view.ts";

/** What somebody saw when they answered: kept before it was shown, and named by the answer they signed off. */
export function renderRoutes(app: Api, context: ApiContext): void {
  app.get("/v1/requests/:id/renders", { schema: listSchema }, async (req): Promise<RenderList> => {
    const identity = await authorised(context, req, "read");
    const { id } = req.params;
    await readRequest(context, identity, id);
    const { configuration } = await context.configuration.inForce();
    const answers = await seenAnswers(context.database, id);
    return {
      items: answers.flatMap(({ content, person }) => {
        const { id: messageId, evidence, verb, principal, channel, signedAt } = content;
        if (evidence.method !== "slack") return [];
        const by = person === null ? null : nameOf(person, configuration);
        return [{ messageId, verb, by, principal, channel, shown: evidence.shown, answeredAt: time(signedAt) }];
      }),
    };
  });

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

const listSchema = {
  summary: "Answers of which it is kept what was shown",
  tags: ["requests"],
  security: BEARER,
  params: z.object({ id: RequestId }),
  response: { 200: RenderList, ...PROBLEMS },
};

const schema = {
  summary: "What was shown to somebody who answered in a chat",
  description:
    "The stored drawing that the answer's signed digest names; `countersign show REQUEST --as-seen ANSWER` draws it.",
  tags: ["requests"],
  security: BEARER,
  params: z.object({ id: RequestId, messageId: MessageId }),
  response: { 200: RenderView, ...PROBLEMS },
};
