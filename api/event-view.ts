import type { Configuration } from "../config/configuration.ts";
import type { AuditEvent } from "../db/types.ts";
import type { EventView } from "./contract/event.ts";
import { nameOf, reasonView, time } from "./request-view.ts";

export function eventView(event: AuditEvent, configuration: Configuration): EventView {
  return {
    id: event.id,
    type: event.type,
    at: time(event.at),
    by: event.by === null ? null : nameOf(event.by, configuration),
    reasons: event.reasons.map((reason) => reasonView(reason, configuration)),
    data: event.data,
  };
}
