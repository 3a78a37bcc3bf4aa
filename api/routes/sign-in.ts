import formbody from "@fastify/formbody";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { CountersignError } from "../../core/errors.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Api } from "../app.ts";
import { assertCsrf } from "../auth/csrf.ts";
import { createOidc, Pending, personOfEmail } from "../auth/oidc.ts";
import { cookieOptions, endSession, sessionOf, startSession } from "../auth/session.ts";
import { useSignInCode } from "../auth/sign-in-link.ts";
import type { ApiContext } from "../context.ts";
import { signInPage } from "../pages/notice-page.ts";
import { answerWithPage } from "../pages/routes.ts";

const OIDC_COOKIE = "countersign-sign-in";

/** How a person's browser gets a session. A GET never signs anybody in by itself, except on the way back from OIDC. */
export async function signInRoutes(app: Api, context: ApiContext): Promise<void> {
  await app.register(formbody, { bodyLimit: LIMITS.signInBytes });
  app.setErrorHandler((error, req, reply) => answerWithPage(context, error, req, reply));
  const oidc = createOidc(context.settings);

  app.get("/sign-in", { schema: { hide: true, querystring: Arrival } }, async (req, reply) => {
    const { code = "", next } = req.query;
    return page(reply, signInPage(code, oidc === null ? null : `/sign-in/oidc?next=${encodeURIComponent(next)}`, next));
  });

  app.post("/sign-in", { schema: { hide: true, body: Arrival } }, async (req, reply) => {
    const { code, next } = req.body;
    assertSameOrigin(req);
    if (code === undefined || oidc !== null) {
      throw new CountersignError("SIGN_IN_REFUSED", "Sign in with your organisation.");
    }
    await startSession(context, reply, await useSignInCode(context, code));
    return reply.redirect(next, 303);
  });

  app.post(
    "/sign-out",
    { schema: { hide: true, body: z.object({ csrf: z.string().optional() }) } },
    async (req, reply) => {
      const session = await sessionOf(context, req);
      if (session !== null) assertCsrf(context, session.token, req.body.csrf);
      await endSession(context, req, reply);
      return reply.redirect("/sign-in", 303);
    },
  );

  if (oidc === null) return;
  app.get("/sign-in/oidc", { schema: { hide: true, querystring: Arrival } }, async (req, reply) => {
    const { url, pending } = await oidc.begin(req.query.next);
    reply.setCookie(OIDC_COOKIE, JSON.stringify(pending), { ...pendingCookie(context), signed: true });
    return reply.redirect(url, 302);
  });

  app.get("/sign-in/oidc/callback", { schema: { hide: true } }, async (req, reply) => {
    const pending = pendingOf(req);
    reply.clearCookie(OIDC_COOKIE, pendingCookie(context));
    const email = await oidc.finish(new URL(req.url, context.settings.publicUrl), pending);
    const { configuration } = await context.configuration.inForce();
    await startSession(context, reply, personOfEmail(email, configuration.directory));
    return reply.redirect(pending.next, 302);
  });
}

/** Only places of this site: a sign-in that ends elsewhere would be a gift to phishers. */
const Next = z
  .string()
  .max(300)
  .regex(/^\/(?![/\\])[A-Za-z0-9_\-/.?=&%]*$/)
  .default("/");
const Arrival = z.object({
  code: z
    .string()
    .regex(/^[A-Za-z0-9_-]{0,64}$/)
    .optional(),
  next: Next,
});

function page(reply: FastifyReply, html: string): FastifyReply {
  return reply.header("cache-control", "no-store").type("text/html; charset=utf-8").send(html);
}

/** Nobody else's page may sign a browser in, as whomever. */
function assertSameOrigin(req: FastifyRequest): void {
  const site = req.headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none") throw new CountersignError("CSRF", "");
}

/** Lax, because the way back from the identity provider is a navigation from another site. */
function pendingCookie(context: ApiContext) {
  return { ...cookieOptions(context), path: "/sign-in", maxAge: LIMITS.signInLinkSeconds };
}

function pendingOf(req: FastifyRequest): Pending {
  const raw = req.cookies[OIDC_COOKIE];
  const unsigned = raw === undefined ? null : req.unsignCookie(raw);
  if (!unsigned?.valid) throw new CountersignError("SIGN_IN_REFUSED", "Begin the sign-in again.");
  return Pending.parse(JSON.parse(unsigned.value));
}
