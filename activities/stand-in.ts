import type { Configuration } from "../config/configuration.ts";
import type { Delegation, StandsFor } from "../core/delegation.ts";
import { type Instant, type PersonId, personBehind } from "../core/principal.ts";
import type { Signed } from "../core/request.ts";
import type { Verifier } from "../crypto/types.ts";
import { holds } from "./sender.ts";

/**
 * For whom this person answered at that moment. The newest delegation of a person is the one that holds; its
 * signature has to. Only groups the other has in their own right are passed on, so a delegation never travels.
 */
export async function standsForOf(
  delegations: Signed<Delegation>[],
  { configuration, verifier }: { configuration: Configuration; verifier: Verifier },
  person: PersonId,
  at: Instant,
): Promise<StandsFor[]> {
  const behind = (id: PersonId) => personBehind(configuration.directory, id);
  const newest = new Map<PersonId, Delegation>();
  for (const signed of delegations) {
    const { from, at: since } = signed.content;
    const holder = behind(from)?.id;
    if (holder === undefined || since > at || since < (newest.get(holder)?.at ?? 0)) continue;
    if (await holds("delegation", signed, verifier)) newest.set(holder, signed.content);
  }
  const places = [...newest].flatMap(([holder, { to, until }]): StandsFor[] => {
    const away = behind(holder);
    if (to === null || until <= at || behind(to)?.id !== person || holder === person || !away?.active) return [];
    return [{ person: holder, name: away.name, groups: away.groups, until }];
  });
  return places.sort((a, b) => (a.person < b.person ? -1 : 1));
}
