import { standsForOf } from "../../activities/stand-in.ts";
import { configurationAsOf } from "../../config/configuration.ts";
import { CountersignError } from "../../core/errors.ts";
import { type PersonId, personBehind } from "../../core/principal.ts";
import { delegationsUntil } from "../../db/delegations.ts";
import type { ApiContext } from "../context.ts";
import type { PersonIdentity } from "./identity.ts";

/** What the directory says of a principal; how they authenticated is added by whoever saw it. */
export type Standing<T> = Omit<T, "method" | "credentialId" | "scopes" | "expiresAt" | "onBehalfOf">;

/** A person as of this moment, with the places of colleagues who are away and named them. */
export async function personIdentity(id: PersonId, context: ApiContext): Promise<Standing<PersonIdentity>> {
  const inForce = (await context.configuration.inForce()).configuration;
  const now = context.clock();
  const configuration = configurationAsOf(inForce, now);
  const person = personBehind(configuration.directory, id);
  if (person === null) throw new CountersignError("UNAUTHENTICATED", "This person is not in the directory.");
  if (!person.active) throw new CountersignError("FORBIDDEN", "This account is not active.");
  const behind = (other: PersonId | null) => (other === null ? null : personBehind(configuration.directory, other)?.id);
  const all = await delegationsUntil(context.database, now);
  // Only of those who ever named this person: the signatures of all others need not be looked at for it.
  const named = all.filter(({ content }) => behind(content.to) === person.id);
  const away = new Set(named.map(({ content }) => behind(content.from)));
  const delegations = all.filter(({ content }) => away.has(behind(content.from)));
  const { verifier } = context;
  const standsFor = await standsForOf(delegations, { configuration, verifier }, person.id, now);
  const written = personBehind(inForce.directory, id)?.groups ?? [];
  const joined = inForce.imported.filter((one) => one.person === person.id && !written.includes(one.group));
  return { kind: "person", id, person, name: person.name, groups: person.groups, joined, standsFor };
}
