import { settle } from "../db/claim.ts";
import type { ActivityContext } from "./context.ts";
import type { LocalActivities } from "./types.ts";

/** Needs no executor alive: a tombstone in our own database decides whether an attempt may still start. */
export function createSettle({ db, now }: ActivityContext): Pick<LocalActivities, "settle"> {
  return { settle: ({ requestId, attempt }) => settle(db, requestId, attempt, now()) };
}
