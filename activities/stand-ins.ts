import type { Configuration } from "../config/configuration.ts";
import type { Instant, PersonId } from "../core/principal.ts";
import { personBehind } from "../core/principal.ts";
import type { Verifier } from "../crypto/types.ts";
import type { Database } from "../db/client.ts";
import { delegationsUntil } from "../db/delegations.ts";
import { standsForOf } from "./stand-in.ts";

/** Of everybody who is away now, who answers for them: by the same rule that judges the answers. */
export async function standInsOf(
  db: Database,
  judged: { configuration: Configuration; verifier: Verifier },
  at: Instant,
): Promise<Map<PersonId, PersonId>> {
  const delegations = await delegationsUntil(db, at);
  const named = delegations.flatMap(({ content: { to } }) => (to === null ? [] : [to]));
  const behind = named.flatMap((id) => personBehind(judged.configuration.directory, id)?.id ?? []);
  const standIns = new Map<PersonId, PersonId>();
  for (const person of new Set(behind)) {
    const places = await standsForOf(delegations, judged, person, at);
    for (const place of places) standIns.set(place.person, person);
  }
  return standIns;
}
