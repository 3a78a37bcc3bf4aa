import { z } from "zod";
import { CATALOGUE } from "../../actions/catalogue.ts";
import type { Api } from "../app.ts";
import { authorisedOperator } from "../authority.ts";
import type { ApiContext } from "../context.ts";
import { BEARER, PROBLEMS } from "../contract/answers.ts";
import { FreezeBody, FreezeList, FrozenView, LiftBody } from "../contract/freeze.ts";
import { IdempotencyKey } from "../contract/submit.ts";
import { freeze, lift, scopeOf, standingFreezes } from "../freezing.ts";

/** The switch that lets nothing start. */
export function freezeRoutes(app: Api, context: ApiContext): void {
  app.post("/v1/freezes", { schema: freezeSchema }, async (req, reply) => {
    const identity = await authorisedOperator(context, req);
    const { configuration } = await context.configuration.inForce();
    const { agent = null, action = null, target = null, reason } = req.body;
    const types = CATALOGUE.map((schema) => schema.type);
    const scope = scopeOf({ agent, action, target }, configuration, types);
    const key = req.headers["idempotency-key"] ?? null;
    reply.code(201);
    return freeze(context, identity, scope, reason, key);
  });

  app.get("/v1/freezes", { schema: listSchema }, async (req) => {
    await authorisedOperator(context, req);
    return { items: await standingFreezes(context) };
  });

  app.post("/v1/freezes/:id/lift", { schema: liftSchema }, async (req) => {
    const identity = await authorisedOperator(context, req);
    await lift(context, identity, req.params.id, req.body.reason, req.headers["idempotency-key"] ?? null);
    return { items: await standingFreezes(context) };
  });
}

const headers = z.object({ "idempotency-key": IdempotencyKey.optional() });
const common = { tags: ["operators"], security: BEARER };

const freezeSchema = {
  ...common,
  summary: "Let nothing start, in a scope or at all (operators)",
  description: "Answers with what runs already: a freeze does not stop it.",
  headers,
  body: FreezeBody,
  response: { 201: FrozenView, ...PROBLEMS },
};

const listSchema = {
  ...common,
  summary: "Freezes in force (operators)",
  response: { 200: FreezeList, ...PROBLEMS },
};

const liftSchema = {
  ...common,
  summary: "Lift a freeze (operators)",
  headers,
  params: z.object({ id: z.string().max(100) }),
  body: LiftBody,
  response: { 200: FreezeList, ...PROBLEMS },
};
