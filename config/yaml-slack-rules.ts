import {
  BUILT_IN_GROUPS,
  type Entry,
  entriesOf,
  fieldOf,
  listOf,
  type Raw,
  recordOf,
  repeated,
  unknownIn,
  wrong,
} from "./yaml-entries.ts";
import type { Path, Problem } from "./yaml-findings.ts";

/** What people, agents and the Slack section say together: whose account it is must have one answer. */
export function slackProblems(root: Raw, { people, agents, groups }: World): Problem[] {
  const accounts = [...people, ...agents].flatMap(accountsOf);
  if (typeof root.slack !== "object" || root.slack === null) {
    return accounts.map(({ path }) => wrong(path, "there is no slack section that says whose workspace this is"));
  }
  const slack = recordOf(root.slack);
  const conversations = entriesOf(slack.conversations, "conversations").map(({ path, value }) => {
    return { path: ["slack", ...path], value };
  });
  return [
    ...repeated("Slack account", accounts),
    ...repeated("conversation", fieldOf(conversations, "id")),
    ...conversations.flatMap(({ path, value }) => unknownIn(path, value, "groups", groups, "group")),
    ...Object.keys(recordOf(slack.user_groups)).flatMap((group) => userGroupProblem(group, groups)),
  ];
}

function userGroupProblem(group: string, groups: unknown[]): Problem[] {
  const at: Path = ["slack", "user_groups", group];
  if (!groups.includes(group)) return [{ ...wrong(at, `there is no group "${group}"`), key: true }];
  // Whoever may edit a user group must not make somebody an operator by it.
  if (!BUILT_IN_GROUPS.includes(group)) return [];
  return [
    { ...wrong(at, `${group} hold the switches, so who they are is written here and not taken from Slack`), key: true },
  ];
}

type World = { people: Entry[]; agents: Entry[]; groups: unknown[] };

function accountsOf({ path, value }: Entry): { path: Path; value: unknown }[] {
  const at = [...path, "slack"];
  if (typeof value.slack === "string") return [{ path: at, value: value.slack }];
  return listOf(value.slack).map((user, index) => ({ path: [...at, index], value: user }));
}
