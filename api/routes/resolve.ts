import { z } from "zod";
import type { Api } from "../app.ts";
import { authorisedOperator } from "../authority.ts";
import type { ApiContext } from "../context.ts";
import { BEARER, PROBLEMS } from "../contract/answers.ts";
import { ResolveBody } from "../contract/message.ts";
import { RequestId } from "../contract/primitives.ts";
import { RequestView } from "../contract/request.ts";
import { readRequest, viewFor } from "../reading.ts";
import { resolveUnknown } from "../resolving.ts";

/** An operator says how an execution ended whose end nobody saw; time never does. */
export function resolveRoutes(app: Api, context: ApiContext): void {
  app.post("/v1/requests/:id/resolve", { schema }, async (req) => {
    const identity = await authorisedOperator(context, req);
    const { id } = req.params;
    await resolveUnknown(context, identity, id, req.body);
    return viewFor(context, identity, await readRequest(context, identity, id));
  });
}

const schema = {
  summary: "Say how an unknown execution ended (operators)",
  tags: ["operators"],
  security: BEARER,
  params: z.object({ id: RequestId }),
  body: ResolveBody,
  response: { 200: RequestView, ...PROBLEMS },
};
