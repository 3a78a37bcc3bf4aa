import type { FastifyRequest } from "fastify";
import { CountersignError } from "../core/errors.ts";
import { identify } from "./auth/authenticate.ts";
import { assertCsrf } from "./auth/csrf.ts";
import {
  type AgentIdentity,
  type Identity,
  isInScope,
  isOperator,
  type PersonIdentity,
  type Scope,
} from "./auth/identity.ts";
import { sessionOf } from "./auth/session.ts";
import type { ApiContext } from "./context.ts";

/** Who calls, if this credential may do such a thing at all. */
export async function authorised(context: ApiContext, req: FastifyRequest, scope: Scope): Promise<Identity> {
  const identity = await identify(context, req);
  if (identity.method === "session" && req.method !== "GET" && req.method !== "HEAD") await assertOwnPage(context, req);
  if (!isInScope(identity, scope)) {
    throw new CountersignError("FORBIDDEN", `The credential lacks the scope ${scope}.`);
  }
  return identity;
}

export async function authorisedAgent(context: ApiContext, req: FastifyRequest, scope: Scope): Promise<AgentIdentity> {
  const identity = await authorised(context, req, scope);
  if (identity.kind !== "agent") throw new CountersignError("FORBIDDEN", "Only an agent asks for actions.");
  return identity;
}

export async function authorisedOperator(context: ApiContext, req: FastifyRequest): Promise<PersonIdentity> {
  const identity = await authorised(context, req, "operate");
  if (identity.kind !== "person" || !isOperator(identity)) {
    throw new CountersignError("FORBIDDEN", "Only operators may do this.");
  }
  return identity;
}

/** Browsers send the cookie along whoever made the page; the token only our own pages know. */
async function assertOwnPage(context: ApiContext, req: FastifyRequest): Promise<void> {
  const session = await sessionOf(context, req);
  if (session === null) throw new CountersignError("UNAUTHENTICATED", "");
  assertCsrf(context, session.token, req.headers["x-csrf-token"]);
}
