import { setTimeout as sleep } from "node:timers/promises";
import type { CardContext, CardSource } from "../channels/card.ts";
import { cardContext } from "../channels/card-context.ts";
import { ChannelFailure, type FailureKind, type Posted } from "../channels/channel.ts";
import { groupsAsked, placesOf } from "../channels/places.ts";
import { fixOf } from "../channels/slack/failure.ts";
import type { Configuration, SlackSettings } from "../config/configuration.ts";
import { CountersignError } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import type { AccountId, GroupId, Instant, PersonId } from "../core/principal.ts";
import { leaseAnnouncement } from "../db/announcements.ts";
import { holdConversation, reserveTurn } from "../db/paces.ts";
import { type Surface, surfaceDead, surfaceFailed } from "../db/surfaces.ts";
import type { AnnounceContext } from "./context.ts";

/** One request as it is recorded now, and the configuration that says how it is shown. */
export type Showing = {
  configuration: Configuration;
  settings: SlackSettings;
  source: CardSource;
  over: boolean;
  /** Who answers for whom at this moment. */
  standIns: ReadonlyMap<PersonId, PersonId>;
};

/** What the configuration adds to a card or a reply on this surface. */
export function cardContextOf(
  { publicUrl }: AnnounceContext,
  { configuration, settings, source, standIns }: Showing,
  surface: Surface,
  accounts: ReadonlyMap<PersonId, AccountId>,
): CardContext {
  const because = becauseOf(surface, source.state, settings);
  return cardContext(configuration, { channel: "slack", publicUrl, because, accounts, standIns });
}

/** A conversation that the configuration does not name any more still says whom the request is about. */
function becauseOf({ conversation, kind }: Surface, state: CardSource["state"], settings: SlackSettings): GroupId[] {
  const place =
    kind === "card" ? placesOf(state, settings).find((one) => one.conversation === conversation) : undefined;
  return place?.because ?? groupsAsked(state);
}

/** What is left to be done on one surface. */
export type Left =
  | { kind: "nothing" }
  | { kind: "turn"; conversation: string; waitMs: number }
  | { kind: "again"; at: Instant }
  /** Somebody deleted the message. */
  | { kind: "gone" };

/**
 * Changes of messages are counted by workspace and not by conversation, so they have one pace of their own and
 * do not wait behind new cards.
 */
export const UPDATES = "updates";

/** Takes the conversation's turn, or says how long it is until it comes. */
export async function turnIn(context: AnnounceContext, conversation: string): Promise<Left | null> {
  const turn = await reserveTurn(context.db, "slack", conversation, context.now(), context.postMs);
  return turn.ok ? null : { kind: "turn", conversation, waitMs: turn.waitMs };
}

/** Before each call: whoever lost the lease (it slept, or was stopped) leaves the rest to whoever has it. */
export async function keepLease({ db, me, now }: AnnounceContext, requestId: string): Promise<void> {
  const at = now();
  if ((await leaseAnnouncement(db, requestId, me, at, at + LIMITS.announceLeaseSeconds * 1000)) !== null) return;
  throw new CountersignError("INTERNAL", `Another process announces ${requestId}.`);
}

/**
 * What follows from a call that failed. `maySince`: when a post was begun that may have arrived; null for calls
 * that can be repeated.
 */
export async function failedCall(
  context: AnnounceContext,
  surface: Surface,
  error: unknown,
  { turn, maySince }: { turn: string; maySince: Instant | null },
): Promise<Left> {
  if (!(error instanceof ChannelFailure)) throw error;
  const { kind, code, retryAfterMs } = error;
  const { db, log } = context;
  // A call that took longer than the lease says nothing of a surface that somebody else looks after.
  await keepLease(context, surface.requestId);
  const now = context.now();
  if (code === "ratelimited") {
    const waitMs = retryAfterMs ?? LIMITS.rateLimitedSeconds * 1000;
    await holdConversation(db, "slack", turn, now + waitMs);
    return { kind: "turn", conversation: turn, waitMs };
  }
  if (kind === "gone" && surface.message !== null) {
    await surfaceDead(db, surface.id, code, now);
    return { kind: "gone" };
  }
  const refused = kind === "refused";
  const at = now + (retryAfterMs ?? backoffMs(surface.failures, kind));
  const uncertainSince = kind === "uncertain" ? maySince : surface.uncertainSince;
  await surfaceFailed(db, surface, { error: code, retryAt: at, refused, uncertainSince }, now);
  const { requestId, conversation, id } = surface;
  const said = { requestId, surface: id, conversation, code, ...(refused ? { fix: fixOf(code) } : {}) };
  log.warn(said, refused ? "Slack refuses what is to be shown." : "Slack did not take a call; it is tried again.");
  return { kind: "again", at };
}

/** Ever longer, so that what nobody mends costs next to nothing. */
function backoffMs(failures: number, kind: FailureKind): number {
  const first = { ...FIRST_WAIT, gone: FIRST_WAIT.later }[kind];
  return Math.min(first * 2 ** Math.min(failures, 20), LIMITS.announceRetryMaxSeconds) * 1000;
}

/** Seconds. What may still arrive is given the time to, so that it is found. */
const FIRST_WAIT = {
  later: LIMITS.rateLimitedSeconds,
  uncertain: LIMITS.uncertainSeconds,
  refused: LIMITS.announceRetrySeconds,
};

/**
 * While this process slept, another one posted the same: that one stays. Nobody else knows of this one, so taking
 * it back is tried more than once.
 */
export async function takeBack(context: AnnounceContext, { conversation, message }: Posted): Promise<Left> {
  for (let tries = 1; ; tries += 1) {
    try {
      await context.channel.remove({ conversation, message });
      break;
    } catch (error) {
      if (!(error instanceof ChannelFailure) || error.kind === "refused" || tries === TAKE_BACK_TRIES) throw error;
      await sleep(Math.min(error.retryAfterMs ?? 1_000, TAKE_BACK_WAIT_MS));
    }
  }
  context.log.warn({ conversation, message }, "What two processes had posted was taken back once.");
  return { kind: "nothing" };
}

const TAKE_BACK_TRIES = 3;
const TAKE_BACK_WAIT_MS = 5_000;
