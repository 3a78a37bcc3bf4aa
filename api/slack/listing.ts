import type { Card } from "../../channels/card.ts";
import { cardContext } from "../../channels/card-context.ts";
import { cardOf } from "../../channels/card-of.ts";
import { type ListedRequest, listedRequest } from "../../channels/listed-request.ts";
import type { Configuration } from "../../config/configuration.ts";
import { LIMITS } from "../../core/limits.ts";
import { digestOf } from "../../crypto/digest.ts";
import { type InboxList, inboxList } from "../../db/read/inbox.ts";
import type { Page, RequestRecord } from "../../db/types.ts";
import type { PersonIdentity } from "../auth/identity.ts";
import { readerOf } from "../list-filter.ts";
import type { SlackContext } from "./slack-context.ts";

/** One page of a list of one person, as it is drawn. */
export async function listing(
  slack: SlackContext,
  identity: PersonIdentity,
  list: InboxList,
  { cursor, limit }: { cursor: string | null; limit: number },
): Promise<Page<ListedRequest>> {
  const { api } = slack;
  const decidedSince = api.clock() - LIMITS.inboxDecidedSeconds * 1000;
  const page = await inboxList(api.database, list, readerOf(identity), { cursor, limit, decidedSince });
  const { configuration } = await slack.configuration();
  const items = page.items.map((record) => {
    const card = privateCard(slack, configuration, record);
    return listedRequest(card, detailsToken(slack, card));
  });
  return { items, nextCursor: page.nextCursor };
}

/** A request as one person alone reads it, beside no conversation and because of no group. */
export function privateCard(slack: SlackContext, configuration: Configuration, record: RequestRecord): Card {
  const { publicUrl } = slack.api.settings;
  const place = { channel: "slack" as const, publicUrl, because: [], accounts: new Map(), standIns: new Map() };
  return cardOf(record, cardContext(configuration, place));
}

/** What a Details button away from the request's own message carries. It opens a view and answers nothing by itself. */
export function detailsToken(slack: SlackContext, card: Card): string {
  const { requestId, digest, factsDigest } = card;
  return slack.tokens.mint({
    ...{ requestId, digest, factsDigest, surface: HOME_SURFACE, verb: "details", opened: null },
    expiresAt: slack.api.clock() + LIMITS.buttonSeconds * 1000,
    shown: digestOf(listedRequest(card, null)),
  });
}

/** No request is answered on it. */
const HOME_SURFACE = "home";
