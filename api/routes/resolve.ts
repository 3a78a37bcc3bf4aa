import { z } from "zod";
import { CountersignError } from "../../core/errors.ts";
import { isReasonCode } from "../../core/reason-codes.ts";
import { recordResolution } from "../../db/admin.ts";
import type { Resolution } from "../../db/types.ts";
import type { Api } from "../app.ts";
import { authorisedOperator } from "../authority.ts";
import type { ApiContext } from "../context.ts";
import { BEARER, PROBLEMS } from "../contract/answers.ts";
import { ResolveBody } from "../contract/message.ts";
import { RequestId } from "../contract/primitives.ts";
import { RequestView } from "../contract/request.ts";
import { readRequest, viewFor } from "../reading.ts";

/** An operator says how an execution ended whose end nobody saw; time never does. */
export function resolveRoutes(app: Api, context: ApiContext): void {
  app.post("/v1/requests/:id/resolve", { schema }, async (req) => {
    const identity = await authorisedOperator(context, req);
    const { id } = req.params;
    const record = await readRequest(context, identity, id);
    if (record.status !== "unknown") throw new CountersignError("NOT_UNKNOWN", `The request is ${record.status}.`);
    const { outcome, reason, note } = req.body;
    if (!isReasonCode(reason)) {
      throw new CountersignError("MALFORMED", "This reason code is not in the catalogue.", { pointer: "/reason" });
    }
    const resolution: Resolution = {
      ...{ version: 1, requestId: id, outcome, reason, note },
      by: identity.id,
      at: context.clock(),
    };
    await recordResolution(context.database, await context.signer.sign("resolution", resolution));
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
