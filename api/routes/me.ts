import type { Api } from "../app.ts";
import { callMethod, type Identity, isAuditor, isOperator } from "../auth/identity.ts";
import { authorised } from "../authority.ts";
import type { ApiContext } from "../context.ts";
import { BEARER, PROBLEMS } from "../contract/answers.ts";
import { MeView } from "../contract/me.ts";
import type { Named } from "../contract/primitives.ts";
import { nameOf, time } from "../request-view.ts";

/** Who the server takes the caller for. */
export function meRoutes(app: Api, context: ApiContext): void {
  app.get("/v1/me", { schema }, async (req) => {
    const identity = await authorised(context, req, "read");
    const { configuration } = await context.configuration.inForce();
    return meView(identity, (id) => nameOf(id, configuration));
  });
}

function meView(identity: Identity, named: (id: Identity["id"]) => Named): MeView {
  const agent = identity.kind === "agent" ? identity : null;
  return {
    id: identity.id,
    kind: identity.kind,
    name: identity.name,
    groups: [...identity.groups],
    owner: agent === null ? null : named(agent.agent.owner),
    onBehalfOf: agent?.onBehalfOf ? named(agent.onBehalfOf) : null,
    method: callMethod(identity),
    operator: isOperator(identity),
    auditor: isAuditor(identity),
    expiresAt: identity.expiresAt === null ? null : time(identity.expiresAt),
  };
}

const schema = {
  summary: "Who am I?",
  tags: ["me"],
  security: BEARER,
  response: { 200: MeView, ...PROBLEMS },
};
