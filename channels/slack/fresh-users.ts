import { LIMITS } from "../../core/limits.ts";
import type { Instant } from "../../core/principal.ts";
import { type SlackUser, userProblem } from "./people.ts";

/** What Slack said of an account, and when it was asked. */
export type AskedUser = { user: SlackUser; at: Instant };

/**
 * Asks Slack about an account, not more often than once a minute for one who may answer. What speaks against
 * an account is never remembered: whoever was let back in can answer at once, and a failure is asked again.
 */
export function createFreshUsers({
  ask,
  now,
}: {
  ask: (userId: string) => Promise<SlackUser>;
  now: () => Instant;
}): (userId: string, team: string, earliest?: Instant) => Promise<AskedUser> {
  const known = new Map<string, { at: Instant; asked: Promise<SlackUser> }>();

  return async (userId, team, earliest = 0) => {
    const oldest = Math.max(now() - LIMITS.identityFreshSeconds * 1000, earliest);
    const before = known.get(userId);
    const entry = before && before.at >= oldest ? before : { at: now(), asked: ask(userId) };
    if (entry !== before) remember(known, userId, entry);
    try {
      const user = await entry.asked;
      if (userProblem(user, team) !== null) forget(known, userId, entry);
      return { user, at: entry.at };
    } catch (error) {
      forget(known, userId, entry);
      throw error;
    }
  };
}

function remember<T>(known: Map<string, T>, userId: string, entry: T): void {
  known.delete(userId);
  const [oldest] = known.keys();
  if (known.size >= LIMITS.usersRemembered && oldest !== undefined) known.delete(oldest);
  known.set(userId, entry);
}

/** Somebody may have asked again meanwhile; their answer stays. */
function forget<T>(known: Map<string, T>, userId: string, entry: T): void {
  if (known.get(userId) === entry) known.delete(userId);
}
