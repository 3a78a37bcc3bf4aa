import type { Deliberation, MessageEvent, Step } from "./deliberation-types.ts";
import { flagOf } from "./eligibility.ts";
import type { Instant } from "./principal.ts";
import { because, flagged, happening, recorded, stepTo, taken, withFlag } from "./transition.ts";

/** What still can be done once the action has started. */
/** The action runs: the flag is kept for those who look afterwards. */
export function flaggedTooLate(state: Deliberation, event: MessageEvent, now: Instant): Step {
  const next = withFlag(taken(state, event), event, false, now);
  return stepTo(next, [flagged(event, false)], recorded(flagOf(event.message).reason ?? "REVIEW_OTHER"));
}

export function stopping(state: Deliberation, event: MessageEvent): Step {
  const { by, note } = event.message;
  const told = happening("request.stopping", { by, reasons: [because("REVIEW_STOPPED", note)] });
  const effect = { kind: "cancel", attempt: state.attempt } as const;
  return stepTo(taken(state, event), [told], recorded("REVIEW_STOPPED"), [effect]);
}

export function cancelling(state: Deliberation): Step {
  const told = happening("request.stopping", { reasons: [because("ADMIN_CANCELLED")] });
  return stepTo(state, [told], null, [{ kind: "cancel", attempt: state.attempt }]);
}
