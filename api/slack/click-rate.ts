import { LIMITS } from "../../core/limits.ts";
import type { AccountId, Instant } from "../../core/principal.ts";

/** true: this account may do one more thing now. */
export type ClickRate = (account: AccountId, now: Instant) => boolean;

/** So many things a minute for each account, counted in this process alone. */
export function clickRate(): ClickRate {
  const counts = new Map<AccountId, { since: Instant; count: number }>();
  return (account, now) => {
    const known = counts.get(account);
    const current = known !== undefined && now - known.since < 60_000 ? known : { since: now, count: 0 };
    current.count += 1;
    // The newest is last, so that what is forgotten first is the account that was quiet longest.
    counts.delete(account);
    counts.set(account, current);
    if (counts.size > LIMITS.slackAccountsCounted) {
      for (const oldest of counts.keys()) {
        counts.delete(oldest);
        break;
      }
    }
    return current.count <= LIMITS.slackClicksPerMinute;
  };
}
