import { cardOf } from "../channels/card-of.ts";
import type { Posted } from "../channels/channel.ts";
import type { Message } from "../channels/slack/blocks.ts";
import { drawCard } from "../channels/slack/draw-card.ts";
import { drawOwnerNote } from "../channels/slack/draw-owner-note.ts";
import { RENDERER, shownOf } from "../channels/slack/redraw.ts";
import { LIMITS } from "../core/limits.ts";
import type { Digest, Json } from "../core/request.ts";
import { keepRender } from "../db/renders.ts";
import { type Surface, surfaceNotPosted, surfacePosted, surfacePosting, surfaceUpdated } from "../db/surfaces.ts";
import { tellThread } from "./announce-thread.ts";
import type { AnnounceContext } from "./context.ts";
import { cardContextOf, failedCall, keepLease, type Left, type Showing, takeBack, turnIn, UPDATES } from "./showing.ts";

/** Makes one surface show the request as it is now, and its thread tell what has happened. */
export async function showSurface(context: AnnounceContext, showing: Showing, surface: Surface): Promise<Left> {
  const { retryAt, failures, message } = surface;
  if (showing.over && failures >= LIMITS.surfaceFailures) return { kind: "nothing" };
  if (retryAt !== null && retryAt > context.now()) return { kind: "again", at: retryAt };
  const drawn = draw(context, showing, surface);
  if (message === null) return post(context, showing, surface, drawn);
  if (surface.shown !== drawn.shown) return update(context, showing, { ...surface, message }, drawn);
  return tellThread(context, showing, { ...surface, message });
}

type Drawn = { shown: Digest; payload: Message; drawing: { kind: string; input: Json } };

function draw(context: AnnounceContext, showing: Showing, surface: Surface): Drawn {
  const { source, settings } = showing;
  const style = settings.blockStyle;
  const card = cardOf(source, cardContextOf(context, showing, surface, new Map()));
  if (surface.kind === "owner") {
    const drawing = { kind: "owner" as const, input: { card, style } };
    return {
      shown: shownOf(drawing),
      payload: drawOwnerNote(card, style),
      drawing: drawing as unknown as Drawn["drawing"],
    };
  }
  const drawing = { kind: "card" as const, input: { card, style } };
  const shown = shownOf(drawing);
  const { requestId, digest, factsDigest } = card;
  const expiresAt = context.now() + LIMITS.buttonSeconds * 1000;
  const token = { requestId, digest, factsDigest, surface: surface.id, expiresAt, shown, opened: null };
  const payload = drawCard(card, style, (verb) => context.tokens.mint({ ...token, verb }), surface.id);
  return { shown, payload, drawing: drawing as unknown as Drawn["drawing"] };
}

async function post(context: AnnounceContext, showing: Showing, surface: Surface, drawn: Drawn): Promise<Left> {
  const { db } = context;
  const wait = await turnIn(context, surface.conversation);
  if (wait !== null) return wait;
  await keepDrawn(context, surface, drawn);
  const since = context.now();
  await surfacePosting(db, surface, since);
  const { id, conversation, uncertainSince } = surface;
  let posted: Posted;
  try {
    posted = await context.channel.post({ conversation, id, payload: drawn.payload, uncertainSince });
  } catch (error) {
    const left = await failedCall(context, surface, error, { turn: conversation, maySince: uncertainSince ?? since });
    if (left.kind === "turn") await surfaceNotPosted(db, surface, context.now());
    return left;
  }
  // What was found shows whatever was right when it was posted.
  const shown = posted.adopted ? null : drawn.shown;
  const now = { conversation: posted.conversation, message: posted.message, shown, revision: showing.source.revision };
  if (!(await surfacePosted(db, id, now, context.now()))) return takeBack(context, posted);
  return showSurface(context, showing, { ...surface, ...now, status: "posted", uncertainSince: null });
}

async function update(
  context: AnnounceContext,
  showing: Showing,
  surface: Surface & { message: string },
  drawn: Drawn,
): Promise<Left> {
  const wait = await turnIn(context, UPDATES);
  if (wait !== null) return wait;
  await keepDrawn(context, surface, drawn);
  const { conversation, message } = surface;
  try {
    await context.channel.update({ conversation, message }, drawn.payload);
  } catch (error) {
    return failedCall(context, surface, error, { turn: UPDATES, maySince: null });
  }
  const now = { shown: drawn.shown, revision: showing.source.revision };
  await surfaceUpdated(context.db, surface.id, now, context.now());
  return tellThread(context, showing, { ...surface, ...now, status: "posted", failures: 0, retryAt: null });
}

async function keepDrawn(context: AnnounceContext, surface: Surface, { shown, drawing }: Drawn): Promise<void> {
  const { id: surfaceId, requestId } = surface;
  await keepLease(context, requestId);
  await keepRender(context.db, { surfaceId, shown, requestId, renderer: RENDERER, drawing }, context.now());
}
