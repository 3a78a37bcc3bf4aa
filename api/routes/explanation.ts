import { z } from "zod";
import { CountersignError } from "../../core/errors.ts";
import type { Api } from "../app.ts";
import { authorised } from "../authority.ts";
import type { ApiContext } from "../context.ts";
import { BEARER, PROBLEMS } from "../contract/answers.ts";
import { ExplanationView } from "../contract/explanation.ts";
import { RequestId } from "../contract/primitives.ts";
import { explanationView } from "../explanation.ts";
import { readRequest } from "../reading.ts";

/** Why the policy answered as it did. */
export function explanationRoutes(app: Api, context: ApiContext): void {
  app.get("/v1/requests/:id/explanation", { schema }, async (req) => {
    const identity = await authorised(context, req, "read");
    const record = await readRequest(context, identity, req.params.id);
    const { configuration } = await context.configuration.inForce();
    const view = explanationView(record, identity, configuration);
    if (view === null) throw new CountersignError("NOT_FOUND", "The request has not been evaluated.");
    return view;
  });
}

const schema = {
  summary: "Explain the policy's answer",
  description:
    "From the record; with each condition and what it read, while the policy of that time is still in force.",
  tags: ["requests"],
  security: BEARER,
  params: z.object({ id: RequestId }),
  response: { 200: ExplanationView, ...PROBLEMS },
};
