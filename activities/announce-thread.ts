import { missingPeople } from "../channels/card-standing.ts";
import { ChannelFailure, type Posted } from "../channels/channel.ts";
import type { Message } from "../channels/slack/blocks.ts";
import { drawReply } from "../channels/slack/draw-reply.ts";
import { RENDERER, shownOf } from "../channels/slack/redraw.ts";
import { threadLines } from "../channels/timeline.ts";
import { LIMITS } from "../core/limits.ts";
import type { AccountId, PersonId } from "../core/principal.ts";
import type { Json } from "../core/request.ts";
import { eventsOf } from "../db/read/events.ts";
import { keepRender } from "../db/renders.ts";
import { intendReply, openReply, replyPosted, replyPosting, type Surface, type SurfaceReply } from "../db/surfaces.ts";
import type { AuditEvent } from "../db/types.ts";
import { accountsOf } from "./accounts.ts";
import type { AnnounceContext } from "./context.ts";
import { cardContextOf, failedCall, keepLease, type Left, type Showing, takeBack, turnIn } from "./showing.ts";

/** Tells in the thread of a card what has happened since it was last told, all of it in one reply. */
export async function tellThread(
  context: AnnounceContext,
  showing: Showing,
  surface: Surface & { message: string },
): Promise<Left> {
  if (surface.kind !== "card") return { kind: "nothing" };
  const { db } = context;
  const begun = await openReply(db, surface.id);
  const events = await eventsAfter(context, surface, begun);
  const last = events.at(-1);
  if (last === undefined || !events.some((event) => isNews(event, context, showing, surface))) {
    return { kind: "nothing" };
  }
  const wait = await turnIn(context, surface.conversation);
  if (wait !== null) return wait;
  await keepLease(context, surface.requestId);
  const reply = begun ?? (await intended(context, surface, last.id));
  return post(context, showing, surface, reply, events);
}

/** What is still to be told; a reply that was begun tells what it was begun with. */
async function eventsAfter(
  { db }: AnnounceContext,
  { requestId, toldUntil }: Surface,
  begun: SurfaceReply | null,
): Promise<AuditEvent[]> {
  const events: AuditEvent[] = [];
  let after = begun?.afterEvent ?? toldUntil;
  for (;;) {
    const page = await eventsOf(db, requestId, after, LIMITS.maxPageSize);
    events.push(...page);
    const last = page.at(-1);
    if (last === undefined || page.length < LIMITS.maxPageSize) break;
    after = last.id;
  }
  return begun === null ? events : events.filter(({ id }) => BigInt(id) <= BigInt(begun.untilEvent));
}

/** The card itself says that it was asked; the thread says so together with the first thing that follows. */
function isNews(event: AuditEvent, context: AnnounceContext, showing: Showing, surface: Surface): boolean {
  if (event.type === "request.submitted" || event.type === "request.pending") return false;
  return threadLines([event], showing.source, cardContextOf(context, showing, surface, NOBODY)).length > 0;
}

const NOBODY: ReadonlyMap<PersonId, AccountId> = new Map();

async function intended(context: AnnounceContext, surface: Surface, untilEvent: string): Promise<SurfaceReply> {
  const afterEvent = surface.toldUntil ?? "0";
  const id = `${surface.id}_${afterEvent}`;
  await intendReply(context.db, { id, surfaceId: surface.id, afterEvent, untilEvent }, context.now());
  const reply = await openReply(context.db, surface.id);
  if (reply === null) throw new Error(`the reply ${id} vanished`);
  return reply;
}

async function post(
  context: AnnounceContext,
  showing: Showing,
  surface: Surface & { message: string },
  reply: SurfaceReply,
  events: AuditEvent[],
): Promise<Left> {
  const { db } = context;
  const payload = await drawn(context, showing, surface, reply, events);
  const { conversation, message } = surface;
  const { id, uncertainSince } = reply;
  const since = uncertainSince ?? context.now();
  await replyPosting(db, reply, since);
  let posted: Posted;
  try {
    posted = await context.channel.reply({ conversation, message, id, payload, uncertainSince });
  } catch (error) {
    const left = await failedCall(context, surface, error, { turn: conversation, maySince: null });
    const arrived = error instanceof ChannelFailure && error.kind === "uncertain";
    if (!arrived) await replyPosting(db, reply, uncertainSince);
    return left;
  }
  if (!(await replyPosted(db, reply, posted.message, context.now()))) return takeBack(context, posted);
  // A reply that was begun earlier told what had happened then; more may have happened since.
  return tellThread(context, showing, { ...surface, toldUntil: reply.untilEvent });
}

async function drawn(
  context: AnnounceContext,
  showing: Showing,
  surface: Surface,
  reply: SurfaceReply,
  events: AuditEvent[],
): Promise<Message> {
  const { source, configuration, settings } = showing;
  const reminds = events.some((event) => event.type === "request.reminded");
  const accounts = reminds ? await accountsOf(context, configuration, missingPeople(source.state)) : NOBODY;
  const timeline = threadLines(events, source, cardContextOf(context, showing, surface, accounts));
  const input = { timeline, style: settings.blockStyle };
  const drawing = { kind: "reply" as const, input };
  const { requestId } = surface;
  const kept = { surfaceId: reply.id, shown: shownOf(drawing), requestId, renderer: RENDERER };
  await keepRender(
    context.db,
    { ...kept, drawing: drawing as unknown as { kind: string; input: Json } },
    context.now(),
  );
  return drawReply(timeline, settings.blockStyle);
}
