import type { Configuration } from "../config/configuration.ts";
import { canonicalJson } from "../crypto/canonical.ts";

/** What `countersign apply` compares: a configuration without what only applying gives it. */
export type Comparable = Omit<Configuration, "version" | "appliedAt">;

/** One line a thing that is new, gone or different: `~ person:alice  groups: -group:a +group:b`. */
export function changesBetween(before: Comparable | null, after: Comparable): string[] {
  const old = before === null ? new Map<string, Thing>() : thingsOf(before);
  const now = thingsOf(after);
  const added = [...now.keys()].filter((name) => !old.has(name)).map((name) => `+ ${name}`);
  const removed = [...old.keys()].filter((name) => !now.has(name)).map((name) => `- ${name}`);
  const changed = [...now].flatMap(([name, thing]) => {
    const was = old.get(name);
    if (was === undefined || canonicalJson(was) === canonicalJson(thing)) return [];
    return [`~ ${name}  ${fieldsThatDiffer(was, thing).join("; ")}`];
  });
  return [...removed, ...added, ...changed];
}

type Thing = { [field: string]: unknown };

/** Everything the configuration names, under the name people know it by. */
function thingsOf(configuration: Comparable): Map<string, Thing> {
  const { directory, agents, targets, issuers, reasonCodes, policies, slack } = configuration;
  return new Map<string, Thing>([
    ...directory.groups.map((group): [string, Thing] => [group, {}]),
    ...directory.people.map((person): [string, Thing] => [person.id, person]),
    ...directory.agents.map((agent): [string, Thing] => {
      return [agent.id, { ...agent, ...agents.find(({ id }) => id === agent.id) }];
    }),
    ...targets.map((target): [string, Thing] => [`target ${target.name}`, target]),
    ...issuers.map((issuer): [string, Thing] => [`issuer ${issuer.issuer}`, issuer]),
    ...reasonCodes.map((row): [string, Thing] => [`reason code ${row.code}`, row]),
    ...(slack === null ? [] : [["Slack", slack] satisfies [string, Thing]]),
    ...importedGroups(configuration),
    ...policies.map(({ file, text }): [string, Thing] => [`policy ${file}`, { text }]),
  ]);
}

/** By group, so that one line says who came and who went. */
function importedGroups({ imported, slack }: Comparable): [string, Thing][] {
  return (slack?.userGroups ?? []).map(({ group }) => {
    const members = imported.filter((member) => member.group === group).map(({ person }) => person);
    return [`imported into ${group}`, { members }];
  });
}

function fieldsThatDiffer(before: Thing, after: Thing): string[] {
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return fields
    .filter((field) => canonicalJson(before[field] ?? null) !== canonicalJson(after[field] ?? null))
    .map((field) => `${field}: ${difference(before[field], after[field])}`);
}

function difference(before: unknown, after: unknown): string {
  if (Array.isArray(before) && Array.isArray(after)) return listDifference(before, after);
  if (typeof before === "string" && typeof after === "string" && `${before}${after}`.includes("\n")) {
    return lineDifference(before.split("\n"), after.split("\n"));
  }
  return `${canonicalJson(before ?? null)} → ${canonicalJson(after ?? null)}`;
}

function listDifference(before: unknown[], after: unknown[]): string {
  const was = before.map((item) => canonicalJson(item));
  const is = after.map((item) => canonicalJson(item));
  const gone = was.filter((item) => !is.includes(item)).map((item) => `-${item}`);
  const come = is.filter((item) => !was.includes(item)).map((item) => `+${item}`);
  return [...gone, ...come].join(" ") || "another order";
}

/** Policies are texts; how much of one changed is what a glance needs, git has the rest. */
function lineDifference(before: string[], after: string[]): string {
  const gone = before.filter((line) => !after.includes(line)).length;
  const come = after.filter((line) => !before.includes(line)).length;
  return `${gone} lines gone, ${come} lines new`;
}
