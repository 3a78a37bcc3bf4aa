import { CATALOGUE } from "../actions/catalogue.ts";
import {
  BUILT_IN_GROUPS,
  type Entry,
  entriesOf,
  fieldOf,
  find,
  listOf,
  lowerCase,
  type Raw,
  recordOf,
  repeated,
  unknownIn,
  wrong,
} from "./yaml-entries.ts";
import type { Path, Problem } from "./yaml-findings.ts";
import { slackProblems } from "./yaml-slack-rules.ts";

/**
 * What the parts of countersign.yaml say together. Works on what the file holds, valid or not, so
 * that one reading tells everything; a field of the wrong type is the schema's to report.
 */
export function ruleProblems(raw: unknown): Problem[] {
  const root = recordOf(raw);
  const world: World = {
    people: entriesOf(root.people, "people"),
    agents: entriesOf(root.agents, "agents"),
    targets: entriesOf(root.targets, "targets"),
    groups: [...listOf(root.groups), ...BUILT_IN_GROUPS],
  };
  return [
    ...prototypeKeys(raw, []),
    ...repeated(
      "group",
      listOf(root.groups).map((value, index) => ({ path: ["groups", index], value })),
    ),
    ...repeated("person", fieldOf(world.people, "id")),
    ...repeated("agent", fieldOf(world.agents, "id")),
    ...repeated("e-mail address", fieldOf(world.people, "email").map(lowerCase)),
    ...repeated("key", world.agents.flatMap(keyIds)),
    ...repeated("reason code", fieldOf(entriesOf(root.reason_codes, "reason_codes"), "code")),
    ...world.people.flatMap((person) => personProblems(person, world)),
    ...world.agents.flatMap((agent) => agentProblems(agent, world)),
    ...world.targets.flatMap(targetProblems),
    ...entriesOf(root.issuers, "issuers").flatMap((issuer) => issuerProblems(issuer, world)),
    ...slackProblems(root, world),
  ];
}

type World = { people: Entry[]; agents: Entry[]; targets: Entry[]; groups: unknown[] };

/** JavaScript would take it for something else than a key, and the schema would never see it. */
function prototypeKeys(value: unknown, path: Path): Problem[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const at = [...path, Array.isArray(value) ? Number(key) : key];
    if (key === "__proto__") return [{ path: at, key: true, message: 'unknown key "__proto__"' }];
    return prototypeKeys(inner, at);
  });
}

function personProblems({ path, value }: Entry, world: World): Problem[] {
  const problems = unknownIn(path, value, "groups", world.groups, "group");
  const { id, same_as: sameAs } = value;
  if (typeof sameAs !== "string") return problems;
  const at = [...path, "same_as"];
  const other = find(world.people, sameAs);
  if (sameAs === id) problems.push(wrong(at, "a second account belongs to another person than itself"));
  else if (!other) problems.push(wrong(at, `there is no person "${sameAs}"`));
  else if (typeof other.value.same_as === "string") {
    const end = other.value.same_as;
    problems.push(wrong(at, `"${sameAs}" is itself a second account, of "${end}"; name the person`));
  }
  if (listOf(value.groups).length > 0) {
    problems.push(
      wrong([...path, "groups"], `a second account has the groups of its person; give them to "${sameAs}"`),
    );
  }
  return problems;
}

function agentProblems({ path, value }: Entry, world: World): Problem[] {
  const actions = CATALOGUE.map((schema) => schema.type);
  const targets = world.targets.map((target) => target.path.at(-1));
  return [
    ...ownerProblems(path, value, world),
    ...unknownIn(path, value, "groups", world.groups, "group"),
    ...unknownIn(path, value, "actions", actions, "action"),
    ...unknownIn(path, value, "targets", targets, "target"),
  ];
}

function ownerProblems(path: Path, agent: Raw, world: World): Problem[] {
  const { owner } = agent;
  if (typeof owner !== "string") return [];
  const at = [...path, "owner"];
  const person = find(world.people, owner);
  if (!person) {
    const why = find(world.agents, owner) ? "is an agent; an owner is a person" : "is not a person of this file";
    return [wrong(at, `"${owner}" ${why}`)];
  }
  if (typeof person.value.same_as === "string") {
    return [wrong(at, `"${owner}" is a second account of "${person.value.same_as}"; name the person`)];
  }
  if (person.value.active === false && agent.active !== false) {
    return [wrong(at, `"${owner}" is not active, so nobody answers for this agent`)];
  }
  return [];
}

function targetProblems({ path, value }: Entry): Problem[] {
  const describe = recordOf(value.describe);
  const execute = recordOf(value.execute);
  const problems: Problem[] = [];
  if (typeof describe.role === "string" && describe.role === execute.role) {
    problems.push(wrong([...path, "describe", "role"], "describe needs a role of its own, which may only read"));
  }
  const url = recordOf(describe.url).secret;
  if (typeof url === "string" && url === recordOf(execute.url).secret) {
    problems.push(wrong([...path, "describe", "url", "secret"], "describe needs a URL of its own, with its own role"));
  }
  return problems;
}

function issuerProblems({ path, value }: Entry, world: World): Problem[] {
  const problems: Problem[] = [];
  const given = [value.jwks_url, value.jwks].filter((keys) => keys !== undefined && keys !== null);
  if (given.length !== 1) problems.push(wrong(path, "an issuer needs exactly one of jwks_url and jwks"));
  for (const [claim, agent] of Object.entries(recordOf(value.agents))) {
    if (typeof agent === "string" && !find(world.agents, agent)) {
      problems.push(wrong([...path, "agents", claim], `there is no agent "${agent}"`));
    }
  }
  return problems;
}

function keyIds({ path, value }: Entry): { path: Path; value: unknown }[] {
  return listOf(value.keys).map((key, index) => ({ path: [...path, "keys", index, "id"], value: recordOf(key).id }));
}
