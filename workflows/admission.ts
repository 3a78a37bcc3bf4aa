import type { Cause, MessageAdmission } from "../activities/types.ts";
import type { Deliberation, Happening, MessageEvent } from "../core/deliberation-types.ts";
import type { GroupId, PrincipalId } from "../core/principal.ts";

/** Turns what `admit` said about a message into what `step` and the record understand. */
export function admitted({ message, roster }: MessageAdmission & { ok: true }): MessageEvent {
  return { kind: message.verb, message, roster };
}

export function refusalOf(cause: Cause & { kind: "refused" }): Happening {
  const by = cause.by as PrincipalId;
  const reasons = [{ code: cause.code, rule: null, note: null }];
  return { type: "review.refused", by, reasons, data: { messageId: cause.messageId } };
}

/** Groups whose members matter to this request: of every slot, now or after an escalation. */
export function relevantGroups(state: Deliberation): GroupId[] {
  const slots = state.requirement?.slots ?? [];
  return [...new Set(slots.flatMap((slot) => [slot.from, ...slot.escalate.map((rung) => rung.to)]))].sort();
}
