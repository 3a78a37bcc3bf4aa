import { ChannelFailure } from "../channels/channel.ts";
import { placesOf } from "../channels/places.ts";
import { partsOf } from "../channels/slack/people.ts";
import type { Configuration } from "../config/configuration.ts";
import { LIMITS } from "../core/limits.ts";
import type { Instant } from "../core/principal.ts";
import type { Status } from "../core/status.ts";
import { sha256 } from "../crypto/digest.ts";
import { announced, leaseAnnouncement } from "../db/announcements.ts";
import { previousRound } from "../db/read/previous-round.ts";
import { requestById } from "../db/read/requests.ts";
import { intendSurface, type Surface, surfaceDead, surfacesOf } from "../db/surfaces.ts";
import type { RequestRecord } from "../db/types.ts";
import { accountsOf } from "./accounts.ts";
import { showSurface } from "./announce-surface.ts";
import type { AnnounceContext } from "./context.ts";
import type { Left, Showing } from "./showing.ts";
import { standInsOf } from "./stand-ins.ts";

export type Announced =
  | { kind: "shown" }
  /** Another process is at it. */
  | { kind: "busy" }
  /** Something is left to be done, when this conversation's turn comes. */
  | { kind: "turn"; conversation: string; waitMs: number }
  | { kind: "again"; at: Instant };

/**
 * Makes every surface of one request show what is recorded: it compares and sets right, so it may run at any time,
 * any number of times, and end anywhere.
 */
export async function announce(context: AnnounceContext, requestId: string): Promise<Announced> {
  const { db, me } = context;
  const { configuration } = await context.inForce();
  if (configuration.slack === null) return { kind: "shown" };
  const now = context.now();
  const lease = await leaseAnnouncement(db, requestId, me, now, now + LIMITS.announceLeaseSeconds * 1000);
  if (lease === null) return { kind: "busy" };
  const record = await requestById(db, requestId);
  if (record === null) return { kind: "shown" };

  const over = isOver(record);
  const showing: Showing = {
    configuration,
    settings: configuration.slack,
    over,
    standIns: over
      ? new Map()
      : await standInsOf(db, { configuration, verifier: context.verifier(configuration) }, now),
    source: (record.state?.rounds ?? 0) > 0 ? { ...record, previous: await previousRound(db, requestId) } : record,
  };
  const surfaces = await surfacesToShow(context, showing, record, lease.revision > 0);
  const left: Left[] = [];
  for (const surface of surfaces) left.push(await shownAtLast(context, showing, surface));
  // What nobody knows the end of an operator still resolves, or the executor tells late.
  return finished(context, record, over && record.status !== "unknown", left);
}

/** Ended, by the workflow's own record and by what the executor says: nothing but an operator's word changes it. */
function isOver({ status, state }: RequestRecord): boolean {
  return ENDED.has(status) && (state === null || state.phase === "ended");
}

const ENDED: ReadonlySet<Status> = new Set(["succeeded", "failed", "unknown", "denied", "expired", "withdrawn"]);

/** The surface of each place that counts; what has to be there and is not is written down first. */
async function surfacesToShow(
  context: AnnounceContext,
  { configuration, settings, over }: Showing,
  record: RequestRecord,
  seenBefore: boolean,
): Promise<Surface[]> {
  const current = newest(await surfacesOf(context.db, record.id));
  const wanted = placesOf(record.state, settings).map((place) => place.conversation);
  const cards: Surface[] = [];
  for (const conversation of new Set([...wanted, ...current.filter(isCard).map((one) => one.conversation)])) {
    const known = current.find((one) => isCard(one) && one.conversation === conversation);
    const surface = over ? await untilEnd(context, known) : await standing(context, record.id, conversation, known);
    if (surface !== null) cards.push(surface);
  }
  if (!over || wanted.length === 0) return cards;
  const owner = await ownerNote(context, configuration, record, current, seenBefore || cards.length > 0);
  return owner === null ? cards : [...cards, owner];
}

function newest(surfaces: Surface[]): Surface[] {
  return surfaces.filter(
    (one) =>
      !surfaces.some(
        (other) =>
          other.kind === one.kind && other.conversation === one.conversation && other.generation > one.generation,
      ),
  );
}

function isCard({ kind }: Surface): boolean {
  return kind === "card";
}

async function standing(
  context: AnnounceContext,
  requestId: string,
  conversation: string,
  known: Surface | undefined,
): Promise<Surface | null> {
  if (known === undefined) return intended(context, { requestId, conversation, kind: "card", after: null });
  return known.status === "dead" ? replaced(context, known) : known;
}

/** Nobody needs to learn of a request that is over; whoever has seen it learns how it ended. */
async function untilEnd(context: AnnounceContext, known: Surface | undefined): Promise<Surface | null> {
  if (known === undefined || known.status === "dead") return null;
  if (known.message !== null || known.uncertainSince !== null) return known;
  await surfaceDead(context.db, known.id, "ended_before_it_was_shown", context.now());
  return null;
}

/** A message of its own to whoever answers for the agent, once all is over. */
async function ownerNote(
  context: AnnounceContext,
  configuration: Configuration,
  record: RequestRecord,
  current: Surface[],
  wasShown: boolean,
): Promise<Surface | null> {
  const known = current.find((one) => one.kind === "owner");
  if (known !== undefined) return known.status === "dead" ? null : known;
  const owner = record.state?.parties.owner ?? null;
  if (owner === null || !wasShown) return null;
  const account = (await accountsOf(context, configuration, [owner])).get(owner);
  const conversation = account === undefined ? null : partsOf(account).userId;
  if (conversation === null) return null;
  return intended(context, { requestId: record.id, conversation, kind: "owner", after: null });
}

async function replaced(context: AnnounceContext, dead: Surface): Promise<Surface | null> {
  if (dead.generation >= LIMITS.surfaceGenerations) return null;
  const { requestId, conversation, kind } = dead;
  return intended(context, { requestId, conversation, kind, after: dead });
}

type Intended = Pick<Surface, "requestId" | "conversation" | "kind"> & { after: Surface | null };

/** The id follows from the place, so that two processes would intend the same one. */
async function intended(context: AnnounceContext, { after, ...where }: Intended): Promise<Surface> {
  const generation = (after?.generation ?? 0) + 1;
  const name = sha256(JSON.stringify([where.requestId, "slack", where.conversation, where.kind, generation]));
  const id = `sfc_${name.slice("sha256:".length, "sha256:".length + 32)}`;
  const surface = { ...where, id, channel: "slack" as const, generation, toldUntil: after?.toldUntil ?? null };
  return intendSurface(context.db, surface, context.now());
}

/** A message that somebody deleted is posted afresh, as often as that is no war. */
async function shownAtLast(context: AnnounceContext, showing: Showing, surface: Surface): Promise<Left> {
  let current: Surface | null = surface;
  while (current !== null) {
    const left = await showSurface(context, showing, current);
    if (left.kind !== "gone") return left;
    await withdrawn(context, current);
    current = await replaced(context, current);
  }
  return { kind: "nothing" };
}

/** One that is there and cannot be changed would go on showing what is over; where it cannot be taken away it stays. */
async function withdrawn({ channel, log }: AnnounceContext, { conversation, message }: Surface): Promise<void> {
  if (message === null) return;
  try {
    await channel.remove({ conversation, message });
  } catch (error) {
    if (!(error instanceof ChannelFailure)) throw error;
    log.warn({ conversation, message, code: error.code }, "A card that cannot be changed could not be taken away.");
  }
}

async function finished(
  { db, me, now }: AnnounceContext,
  { id, revision }: RequestRecord,
  settled: boolean,
  left: Left[],
): Promise<Announced> {
  const turn = left.filter((one) => one.kind === "turn").sort((a, b) => a.waitMs - b.waitMs)[0];
  const times = left.flatMap((one) => (one.kind === "again" ? [one.at] : []));
  const at = turn === undefined ? Math.min(...times) : Math.min(now() + turn.waitMs, ...times);
  const retryAt = Number.isFinite(at) ? at : null;
  await announced(db, id, me, { revision, final: settled && retryAt === null, retryAt });
  if (turn !== undefined) return turn;
  return retryAt === null ? { kind: "shown" } : { kind: "again", at: retryAt };
}
