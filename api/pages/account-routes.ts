import type { FastifyReply } from "fastify";
import { z } from "zod";
import { type AccountId, type PersonId, personBehind } from "../../core/principal.ts";
import type { Api } from "../app.ts";
import { type Session, sessionOf } from "../auth/session.ts";
import type { ApiContext } from "../context.ts";
import { delegate, delegationInForce, endDelegation } from "../delegating.ts";
import { accountsOfPerson, endOwnLink, link, linkOffer } from "../linking.ts";
import { accountPage } from "./account-page.ts";
import { postedSession } from "./answer-routes.ts";
import { linkPage } from "./link-page.ts";
import { noticePage } from "./notice-page.ts";
import { send, visitorOf } from "./show-request.ts";

/** A person's own accounts of chats and their absence. Every change is a form that posts; a GET changes nothing. */
export function accountRoutes(app: Api, context: ApiContext): void {
  app.get("/link", { schema: { hide: true, querystring: LinkQuery } }, async (req, reply) => {
    const { token } = req.query;
    const session = await sessionOf(context, req);
    if (session === null) return signInFirst(reply, `/link?token=${token}`);
    const offer = await linkOffer(context, session.identity, token);
    const visitor = visitorOf(context, session);
    if (!offer.ok) return notLinked(context, session, offer.why, reply);
    return send(reply, linkPage({ visitor, account: offer.account, token }));
  });

  app.post("/link", { schema: { hide: true, body: LinkForm } }, async (req, reply) => {
    const session = await postedSession(context, req, req.body.csrf);
    const linked = await link(context, session.identity, req.body.token);
    return linked.ok ? reply.redirect("/account", 303) : notLinked(context, session, linked.why, reply);
  });

  app.get("/account", { schema: { hide: true } }, async (req, reply) => {
    const session = await sessionOf(context, req);
    if (session === null) return signInFirst(reply, "/account");
    return send(reply, await ownPage(context, session, null));
  });

  app.post("/account/links/end", { schema: { hide: true, body: EndForm } }, async (req, reply) => {
    const session = await postedSession(context, req, req.body.csrf);
    const ended = await endOwnLink(context, session.identity, req.body.account as AccountId);
    return done(context, session, ended ? null : "There is no such link of yours.", reply);
  });

  app.post("/account/delegation", { schema: { hide: true, body: DelegationForm } }, async (req, reply) => {
    const session = await postedSession(context, req, req.body.csrf);
    const { identity } = session;
    const order = { to: req.body.to as PersonId, until: Date.parse(`${req.body.until}T23:59:59Z`), by: identity.id };
    const delegated = await delegate(context, identity, order);
    return done(context, session, delegated.ok ? null : delegated.why, reply);
  });

  app.post("/account/delegation/end", { schema: { hide: true, body: CsrfForm } }, async (req, reply) => {
    const session = await postedSession(context, req, req.body.csrf);
    const ended = await endDelegation(context, session.identity, session.identity.id);
    return done(context, session, ended === null ? "Nobody answers for you." : null, reply);
  });
}

const Token = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
const LinkQuery = z.object({ token: Token });
const CsrfForm = z.object({ csrf: z.string() });
const LinkForm = CsrfForm.extend({ token: Token });
const EndForm = CsrfForm.extend({ account: z.string().regex(/^slack:[A-Z0-9]{1,30}\/[A-Z0-9]{1,30}$/) });
const DelegationForm = CsrfForm.extend({
  to: z.string().regex(/^person:[!-~]{1,200}$/),
  until: z.iso.date(),
});

async function ownPage(context: ApiContext, session: Session, notice: string | null): Promise<string> {
  const { identity } = session;
  const { directory } = (await context.configuration.inForce()).configuration;
  const others = directory.people.filter((one) => one.sameAs === null && one.id !== identity.person.id);
  return accountPage({
    visitor: visitorOf(context, session),
    accounts: await accountsOfPerson(context, identity.person.id),
    away: await delegationInForce(context, identity.person.id),
    standsFor: identity.standsFor,
    colleagues: others
      .filter((one) => personBehind(directory, one.id)?.active)
      .sort((a, b) => a.name.localeCompare(b.name, "en")),
    notice,
    now: context.clock(),
  });
}

/** Done: back to the page, so that reloading it sends nothing again. Not done: the page, with why. */
async function done(
  context: ApiContext,
  session: Session,
  problem: string | null,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (problem === null) return reply.redirect("/account", 303);
  return send(reply.code(409), await ownPage(context, session, problem));
}

function notLinked(context: ApiContext, session: Session, why: string, reply: FastifyReply): FastifyReply {
  const page = noticePage({ title: "Nothing was linked", text: why, next: null, visitor: visitorOf(context, session) });
  return send(reply.code(409), page);
}

function signInFirst(reply: FastifyReply, next: string): FastifyReply {
  return reply.redirect(`/sign-in?next=${encodeURIComponent(next)}`, 302);
}
