import { LIMITS } from "../../core/limits.ts";
import type { Instant } from "../../core/principal.ts";

/** true: one thing more may be done now under this name. */
export type ClickRate = (name: string, now: Instant) => boolean;

/** So many things in so much time for each name, counted in this process alone. */
export function clickRate({ most, seconds }: { most: number; seconds: number }): ClickRate {
  const counts = new Map<string, { since: Instant; count: number }>();
  return (name, now) => {
    const known = counts.get(name);
    const current = known !== undefined && now - known.since < seconds * 1000 ? known : { since: now, count: 0 };
    current.count += 1;
    // The newest is last, so that what is forgotten first was quiet longest.
    counts.delete(name);
    counts.set(name, current);
    if (counts.size > LIMITS.slackAccountsCounted) {
      for (const oldest of counts.keys()) {
        counts.delete(oldest);
        break;
      }
    }
    return current.count <= most;
  };
}
