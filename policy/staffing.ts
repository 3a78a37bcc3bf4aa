import type { Finding } from "../core/errors.ts";
import { merge } from "../core/merge.ts";
import type { Directory, PersonId } from "../core/principal.ts";
import { isPossible } from "../core/quorum.ts";
import type { Requirement, Roster } from "../core/requirement.ts";
import type { CompiledPolicies, CompiledRule } from "./compile.ts";

/**
 * Reviews that could only ever expire: even with every escalation, the people of the directory do
 * not fill the slots. The owner of an agent never reviews what it asks, so each agent counts for itself.
 */
export function staffingFindings(policies: CompiledPolicies, types: string[], directory: Directory): Finding[] {
  const rules = new Map<string, CompiledRule>();
  for (const type of types) {
    for (const rule of policies.forAction(type)?.rules ?? []) if (rule.effect === "review") rules.set(rule.id, rule);
  }
  const roster = rosterOf(directory);
  const reviews = [...rules.values()].map((rule) => ({ rule, requirement: requirementOf(policies, rule) }));
  const unmatched = { rule: null, requirement: requirementOf(policies, null) };
  return [...reviews, unmatched].flatMap(({ rule, requirement }) => {
    const reason = requirement ? unfillable(requirement, roster, directory) : null;
    if (reason === null) return [];
    const name = rule ? `the review of "${rule.id}"` : 'the review of "defaults"';
    const place = rule ?? policies.defaultsAt;
    return [
      {
        message: `${name} ${reason}`,
        pointer: null,
        file: place?.file ?? null,
        line: place?.line ?? null,
        column: place?.column ?? null,
      },
    ];
  });
}

/** What one rule alone asks for, with the floor and the defaults; null when it would not be a review. */
function requirementOf({ floors, defaults }: CompiledPolicies, rule: CompiledRule | null): Requirement | null {
  if (!rule && !defaults) return null;
  const contributions = rule
    ? [{ rule: rule.id, outcome: rule.effect, reason: rule.reason, requirement: rule.requirement }]
    : [];
  return merge({ contributions, floors, defaults }).requirement;
}

function unfillable(requirement: Requirement, roster: Roster, directory: Directory): string | null {
  const widened = requirement.slots.map((slot) => slot.escalate.map((step) => step.to));
  const wanted = requirement.slots.map((slot) => `${slot.count} of ${slot.from}`).join(" and ");
  const possible = (excluded: PersonId[]) => isPossible(requirement, widened, roster, excluded);
  if (!possible([])) return `can only expire: it needs ${wanted}, and there are not enough different people`;
  const agent = directory.agents.find((one) => one.active && !possible([one.owner]));
  if (!agent) return null;
  return `can only expire when ${agent.id} asks: it needs ${wanted}, and ${agent.owner}, its owner, cannot answer`;
}

/** Second accounts are not second people. */
function rosterOf(directory: Directory): Roster {
  return directory.people
    .filter((person) => person.active && person.sameAs === null)
    .map((person) => ({ person: person.id, name: person.name, groups: person.groups }));
}
