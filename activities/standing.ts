import type { Configuration } from "../config/configuration.ts";
import type { Parties } from "../core/deliberation-types.ts";
import { LIMITS } from "../core/limits.ts";
import { agentOf, type GroupId, isPerson, type PersonId, type PrincipalId, personBehind } from "../core/principal.ts";
import type { Requirement, Roster } from "../core/requirement.ts";

/** Who somebody is by the directory, now. */
export type Standing =
  | { ok: true; by: PrincipalId; name: string; groups: GroupId[] }
  | { ok: false; code: "REVIEW_UNKNOWN_PERSON" | "REVIEW_INACTIVE" };

export function standingOf({ directory }: Configuration, principal: PrincipalId): Standing {
  if (isPerson(principal)) {
    const person = personBehind(directory, principal);
    if (person === null) return { ok: false, code: "REVIEW_UNKNOWN_PERSON" };
    if (!person.active) return { ok: false, code: "REVIEW_INACTIVE" };
    return { ok: true, by: person.id, name: person.name, groups: person.groups };
  }
  const agent = agentOf(directory, principal);
  if (agent === null) return { ok: false, code: "REVIEW_UNKNOWN_PERSON" };
  if (!agent.active) return { ok: false, code: "REVIEW_INACTIVE" };
  return { ok: true, by: agent.id, name: agent.name, groups: agent.groups };
}

/** Whoever is tied to a request, as the one person behind each account. */
export function partiesOf({ directory }: Configuration, requester: PrincipalId, onBehalfOf: PersonId | null): Parties {
  const one = (id: PersonId | null): PersonId | null => (id === null ? null : (personBehind(directory, id)?.id ?? id));
  const agent = agentOf(directory, requester);
  return {
    requester: isPerson(requester) ? (one(requester) ?? requester) : requester,
    owner: one(agent?.owner ?? null),
    onBehalfOf: one(onBehalfOf),
  };
}

/**
 * Active people of these groups, with the groups that matter. A group longer than a quorum could
 * ever need is cut: it can fill its slots either way. Those who have answered are always there.
 */
export function rosterOf({ directory }: Configuration, groups: GroupId[], reviewers: PersonId[]): Roster {
  const counted = new Map<GroupId, number>();
  const roster: Roster = [];
  const people = directory.people.filter((person) => person.active && person.sameAs === null);
  for (const person of people.sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const theirs = person.groups.filter((group) => groups.includes(group));
    const needed = theirs.some((group) => (counted.get(group) ?? 0) < LIMITS.rosterPerGroup);
    // Who has answered is listed without any of the groups too: they may stand for somebody else.
    if (!needed && !reviewers.includes(person.id)) continue;
    for (const group of theirs) counted.set(group, (counted.get(group) ?? 0) + 1);
    roster.push({ person: person.id, name: person.name, groups: theirs });
  }
  return roster;
}

export function groupsOf(requirement: Requirement | null): GroupId[] {
  const slots = requirement?.slots ?? [];
  return [...new Set(slots.flatMap((slot) => [slot.from, ...slot.escalate.map((rung) => rung.to)]))].sort();
}
