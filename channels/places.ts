import type { SlackSettings } from "../config/configuration.ts";
import type { Deliberation } from "../core/deliberation-types.ts";
import { AUDITORS, type GroupId } from "../core/principal.ts";

/** A conversation that shows a request, and the groups because of which it does; none: it shows every request. */
export type ShownIn = { conversation: string; because: GroupId[] };

/** Where a request is to be shown. One that nobody was ever asked about is shown nowhere. */
export function placesOf(
  state: Pick<Deliberation, "requirement" | "widened" | "flags"> | null,
  { conversations }: Pick<SlackSettings, "conversations">,
): ShownIn[] {
  const asked = groupsAsked(state);
  if (asked.length === 0) return [];
  return conversations.flatMap(({ id, groups }) => {
    const because = groups.filter((group) => asked.includes(group));
    return groups.length > 0 && because.length === 0 ? [] : [{ conversation: id, because }];
  });
}

/** Everybody the request waits for or has waited for: whoever approved wants to see how it ends. */
export function groupsAsked(state: Pick<Deliberation, "requirement" | "widened" | "flags"> | null): GroupId[] {
  if (state === null) return [];
  const { requirement, widened, flags } = state;
  const slots = (requirement?.slots ?? []).map((slot) => slot.from);
  const auditors = flags.some((flag) => flag.held) ? [AUDITORS] : [];
  return [...new Set([...slots, ...widened.flat(), ...auditors])];
}
