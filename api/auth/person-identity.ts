import type { Configuration } from "../../config/configuration.ts";
import { CountersignError } from "../../core/errors.ts";
import { type PersonId, personBehind } from "../../core/principal.ts";
import type { PersonIdentity } from "./identity.ts";

/** What the directory says of a principal; how they authenticated is added by whoever saw it. */
export type Standing<T> = Omit<T, "method" | "credentialId" | "scopes" | "expiresAt" | "onBehalfOf">;

export function personIdentity(id: PersonId, configuration: Configuration): Standing<PersonIdentity> {
  const person = personBehind(configuration.directory, id);
  if (person === null) throw new CountersignError("UNAUTHENTICATED", "This person is not in the directory.");
  if (!person.active) throw new CountersignError("FORBIDDEN", "This account is not active.");
  return { kind: "person", id, person, name: person.name, groups: person.groups };
}
