import { and, eq, gte, inArray, type SQL } from "drizzle-orm";
import type { Instant } from "../../core/principal.ts";
import type { Status } from "../../core/status.ts";
import type { Database } from "../client.ts";
import { requests } from "../schema/requests.ts";
import type { Page, Reader, RequestRecord } from "../types.ts";
import { concerns, isPartyTo, waitsFor, waitsForOthers } from "./concern.ts";
import { pageOf } from "./requests.ts";
import { STATUS_SQL } from "./status.ts";

/** The lists of one person, as the home of a chat shows them. */
export type InboxList = "me" | "groups" | "asked" | "decided" | "held";

/** Every list is of what concerns the reader; `held` is for those who look after holds and shows them all. */
export async function inboxList(
  db: Database,
  list: InboxList,
  reader: Reader,
  page: { cursor: string | null; limit: number; decidedSince: Instant },
): Promise<Page<RequestRecord>> {
  return pageOf(db, [condition(list, reader, page.decidedSince)], page);
}

function condition(list: InboxList, reader: Reader, decidedSince: Instant): SQL | undefined {
  switch (list) {
    case "me":
      return waitsFor(reader);
    case "groups":
      return waitsForOthers(reader);
    case "asked":
      return isPartyTo(reader.self);
    case "decided":
      return and(gte(requests.updatedAt, decidedSince), inArray(STATUS_SQL, ENDED), concerns(reader));
    case "held":
      return eq(requests.recordedStatus, "held");
    default:
      return list satisfies never;
  }
}

const ENDED: Status[] = ["succeeded", "failed", "unknown", "denied", "expired", "withdrawn"];
