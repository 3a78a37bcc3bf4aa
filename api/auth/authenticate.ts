import type { FastifyRequest } from "fastify";
import type { Configuration } from "../../config/configuration.ts";
import { CountersignError } from "../../core/errors.ts";
import { LIMITS } from "../../core/limits.ts";
import { type AgentId, agentOf, type Instant, isPerson } from "../../core/principal.ts";
import { parseApiKey } from "../../crypto/api-key.ts";
import { credentialByHash, touchCredential } from "../../db/credentials.ts";
import type { Credential } from "../../db/types.ts";
import type { ApiContext } from "../context.ts";
import type { AgentIdentity, Identity } from "./identity.ts";
import { personIdentity, type Standing } from "./person-identity.ts";
import { sessionOf } from "./session.ts";
import { verifyWorkloadJwt } from "./workload-jwt.ts";

/**
 * Who calls: a key, a token or a session, asked once a call however many ask.
 * Throws UNAUTHENTICATED, CREDENTIAL_REVOKED, CREDENTIAL_EXPIRED or FORBIDDEN.
 */
export function identify(context: ApiContext, req: FastifyRequest): Promise<Identity> {
  const known = asked.get(req);
  if (known !== undefined) return known;
  const identity = authenticate(context, req);
  asked.set(req, identity);
  return identity;
}

/** For streams that outlive a call's first moment: is this credential still good? */
export function identifyAgain(context: ApiContext, req: FastifyRequest): Promise<Identity> {
  return authenticate(context, req);
}

const asked = new WeakMap<FastifyRequest, Promise<Identity>>();

async function authenticate(context: ApiContext, req: FastifyRequest): Promise<Identity> {
  const header = req.headers.authorization;
  if (header !== undefined) return byBearer(context, header);
  const session = await sessionOf(context, req);
  if (session !== null) return session.identity;
  throw new CountersignError("UNAUTHENTICATED", "Send `Authorization: Bearer …`.");
}

async function byBearer(context: ApiContext, header: string): Promise<Identity> {
  const [, token] = /^Bearer +(\S+)$/i.exec(header) ?? [];
  if (token === undefined) throw new CountersignError("UNAUTHENTICATED", "Send `Authorization: Bearer …`.");
  return token.startsWith("cs") ? byKey(context, token) : byJwt(context, token);
}

async function byKey(context: ApiContext, text: string): Promise<Identity> {
  const { hash } = parseApiKey(text);
  const credential = await credentialByHash(context.database, hash);
  if (credential === null) throw new CountersignError("UNAUTHENTICATED", "This key is not known.");
  const now = context.clock();
  assertInForce(credential, now);
  const identity = await identityOf(credential, context);
  // A courtesy to operators; a call must not fail or wait for it.
  if (now - (credential.lastUsedAt ?? 0) > LIMITS.credentialTouchSeconds * 1000) {
    touchCredential(context.database, credential.id, now).catch((err: unknown) => {
      context.log.warn({ err }, "credential not touched");
    });
  }
  return identity;
}

function assertInForce(credential: Credential, now: Instant): void {
  if (credential.revokedAt !== null) throw new CountersignError("CREDENTIAL_REVOKED", "");
  if (credential.expiresAt !== null && credential.expiresAt <= now)
    throw new CountersignError("CREDENTIAL_EXPIRED", "");
}

/** The kind of credential and the kind of principal must agree: an agent's key never speaks for a person. */
async function identityOf(credential: Credential, context: ApiContext): Promise<Identity> {
  const { id: credentialId, principal, scopes, expiresAt } = credential;
  const more = { credentialId, scopes, expiresAt };
  const { configuration } = await context.configuration.inForce();
  switch (credential.kind) {
    case "agent-key":
      if (isPerson(principal)) break;
      return { ...agentIdentity(principal, configuration), ...more, method: "agent-key", onBehalfOf: null };
    case "person-token":
      if (!isPerson(principal)) break;
      return { ...(await personIdentity(principal, context)), ...more, method: "token" };
    default:
      return credential.kind satisfies never;
  }
  throw new CountersignError("UNAUTHENTICATED", "This key is not of the kind it says.");
}

async function byJwt(context: ApiContext, token: string): Promise<Identity> {
  const { configuration } = await context.configuration.inForce();
  const { issuers, directory } = configuration;
  const { agent, onBehalfOf, credentialId, expiresAt } = await verifyWorkloadJwt(
    token,
    issuers,
    directory,
    context.clock(),
  );
  const more = { credentialId, expiresAt, onBehalfOf, scopes: [] };
  return { ...agentIdentity(agent, configuration), ...more, method: "workload-jwt" };
}

function agentIdentity(id: AgentId, configuration: Configuration): Standing<AgentIdentity> {
  const agent = agentOf(configuration.directory, id);
  if (agent === null) throw new CountersignError("UNAUTHENTICATED", "The agent of this key is not in the directory.");
  if (!agent.active) throw new CountersignError("FORBIDDEN", "This agent is not active.");
  const settings = configuration.agents.find((row) => row.id === id) ?? null;
  return { kind: "agent", id, agent, settings, name: agent.name, groups: agent.groups };
}
