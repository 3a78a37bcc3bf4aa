import type { Delegation } from "../core/delegation.ts";
import { LIMITS } from "../core/limits.ts";
import { type AccountId, type Instant, type Person, type PersonId, personBehind } from "../core/principal.ts";
import { delegationOf, keepDelegation } from "../db/delegations.ts";
import type { PersonIdentity } from "./auth/identity.ts";
import type { ApiContext } from "./context.ts";

/** `why`: one sentence for the person who asked. */
type Delegated = { ok: true; to: Person; until: Instant } | { ok: false; why: string };

/** How it was ordered: the account or person behind the call. */
type By = PersonId | AccountId;

/**
 * Somebody is away and names who answers for them. What a delegation counts is for the rules of a request to
 * say; here only what could never count is refused.
 */
export async function delegate(
  context: ApiContext,
  { person }: PersonIdentity,
  { to, until, by }: { to: PersonId; until: Instant; by: By },
): Promise<Delegated> {
  const now = context.clock();
  const { directory } = (await context.configuration.inForce()).configuration;
  const colleague = personBehind(directory, to);
  if (colleague === null || !colleague.active) return refused("This colleague is not active in the directory.");
  if (colleague.id === person.id) return refused("You cannot answer for yourself by this: name somebody else.");
  if (until <= now) return refused("That time is over.");
  if (until > now + LIMITS.delegationSeconds * 1000) return refused(TOO_LONG);
  await keep(context, { from: person.id, to: colleague.id, until, at: now, by });
  return { ok: true, to: colleague, until };
}

/** Whom it was ended for; null when nobody answers for this person. */
export async function endDelegation(context: ApiContext, { person }: PersonIdentity, by: By): Promise<Person | null> {
  const standing = await delegationInForce(context, person.id);
  if (standing === null) return null;
  const now = context.clock();
  await keep(context, { from: person.id, to: null, until: now, at: now, by });
  return standing.to;
}

/** Who answers for this person now, and until when. */
export async function delegationInForce(
  context: ApiContext,
  from: PersonId,
): Promise<{ to: Person; until: Instant } | null> {
  const newest = await delegationOf(context.database, from);
  if (newest === null) return null;
  const { to, until } = newest.content;
  if (to === null || until <= context.clock()) return null;
  await context.verifier.verify("delegation", newest);
  const { directory } = (await context.configuration.inForce()).configuration;
  const colleague = personBehind(directory, to);
  return colleague === null ? null : { to: colleague, until };
}

const TOO_LONG = `At most ${LIMITS.delegationSeconds / 86_400} days: whoever is away longer leaves their groups meanwhile.`;

async function keep(context: ApiContext, order: Omit<Delegation, "version" | "id">): Promise<void> {
  const content: Delegation = { version: 1, id: context.newId("dlg"), ...order };
  await keepDelegation(context.database, await context.signer.sign("delegation", content));
}

function refused(why: string): Delegated {
  return { ok: false, why };
}
