import { z } from "zod";
import { Named, ReasonView, Time } from "./primitives.ts";

/** One audit event of a request; the timeline is a list of these. */
export const EventView = z
  .object({
    /** Place in the list: `after=` of the next call, `Last-Event-ID` of the next stream. */
    id: z.string(),
    type: z.string(),
    at: Time,
    by: Named.nullable(),
    reasons: z.array(ReasonView),
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: "Event" });
export type EventView = z.output<typeof EventView>;

export const EventPage = z
  .object({ items: z.array(EventView), nextCursor: z.string().nullable() })
  .meta({ id: "EventPage" });
export type EventPage = z.output<typeof EventPage>;
