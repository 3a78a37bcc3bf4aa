import { randomBytes } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import { LIMITS } from "../../core/limits.ts";
import type { PersonId } from "../../core/principal.ts";
import { sha256 } from "../../crypto/digest.ts";
import { createSession, endSession as endSessionRow, sessionByHash } from "../../db/sessions.ts";
import type { ApiContext } from "../context.ts";
import type { PersonIdentity } from "./identity.ts";
import { personIdentity } from "./person-identity.ts";

/** A person's browser. `token` is the cookie's value; the database holds its hash only. */
export type Session = { identity: PersonIdentity; token: string };

/** null when there is no session, or none that still holds. */
export async function sessionOf(context: ApiContext, req: FastifyRequest): Promise<Session | null> {
  const token = req.cookies[cookieName(context)];
  if (token === undefined || !TOKEN.test(token)) return null;
  const row = await sessionByHash(context.database, sha256(token));
  if (row === null || row.endedAt !== null || row.expiresAt <= context.clock()) return null;
  const standing = await personIdentity(row.person, context);
  const { id: credentialId, expiresAt } = row;
  return { token, identity: { ...standing, method: "session", credentialId, scopes: [], expiresAt } };
}

/** A new session at every sign-in, so that a planted cookie never becomes a signed-in one. */
export async function startSession(context: ApiContext, reply: FastifyReply, person: PersonId): Promise<void> {
  const token = randomBytes(32).toString("base64url");
  const createdAt = context.clock();
  const expiresAt = createdAt + LIMITS.sessionSeconds * 1000;
  await createSession(context.database, {
    id: context.newId("ses"),
    hash: sha256(token),
    person,
    createdAt,
    expiresAt,
  });
  reply.setCookie(cookieName(context), token, { ...cookieOptions(context), maxAge: LIMITS.sessionSeconds });
}

export async function endSession(context: ApiContext, req: FastifyRequest, reply: FastifyReply): Promise<void> {
  const token = req.cookies[cookieName(context)];
  if (token !== undefined) await endSessionRow(context.database, sha256(token), context.clock());
  reply.clearCookie(cookieName(context), cookieOptions(context));
}

/** `__Host-` binds the cookie to this host and to TLS; over plain loopback browsers would not take it. */
function cookieName(context: ApiContext): string {
  return isSecure(context) ? "__Host-countersign" : "countersign";
}

export function cookieOptions(context: ApiContext) {
  return { path: "/", httpOnly: true, sameSite: "lax", secure: isSecure(context) } as const;
}

function isSecure(context: ApiContext): boolean {
  return context.settings.publicUrl.startsWith("https:");
}

const TOKEN = /^[A-Za-z0-9_-]{43}$/;
