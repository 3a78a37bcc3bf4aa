import type { AccountId, GroupId, Instant, PersonId } from "./principal.ts";

/** Somebody is away and names who answers for them meanwhile. Insert-only; the newest of a person holds. */
export type Delegation = {
  version: 1;
  id: string;
  from: PersonId;
  /** null ends the one before. */
  to: PersonId | null;
  /** From `at` until then. */
  until: Instant;
  at: Instant;
  /** How it was ordered: the account or person that the signing process authenticated. */
  by: PersonId | AccountId;
};

/** Whose place somebody can take: the other's own groups only, so that a delegation is never passed on. */
export type StandsFor = { person: PersonId; name: string; groups: GroupId[]; until: Instant };
