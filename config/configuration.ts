import type { AccountId, AgentId, Directory, GroupId, Instant, PersonId } from "../core/principal.ts";

/**
 * What `countersign apply` signs and writes as one row: the directory, the targets (their
 * public half; secrets are names resolved only in the executor's process) and the policies.
 */
export type Configuration = {
  /** Part of what is signed, so that an old row cannot come back as a new one. */
  version: number;
  appliedAt: number;
  directory: Directory;
  agents: AgentSettings[];
  targets: Target[];
  issuers: TokenIssuer[];
  /** null: nobody answers in Slack. */
  slack: SlackSettings | null;
  /** Who is in a group because a user group of the chat says so, and since which `apply` it does. */
  imported: ImportedMember[];
  /** Organisation reason codes, each with the prefix ORG_. */
  reasonCodes: { code: string; sentence: string; by: "policy" | "reviewer"; noteRequired: boolean }[];
  policies: PolicySource[];
};

export type PolicySource = { file: string; text: string };

export type AgentSettings = {
  id: AgentId;
  /** Public Ed25519 keys of programs that start workflows themselves (client/temporal.ts). */
  keys: { id: string; x: string; revoked: boolean }[];
  /** Action types and targets this agent may ask for; empty means all. */
  actions: string[];
  targets: string[];
  /** Accounts of chats that are the agent's: nobody answers from them. */
  accounts: AccountId[];
};

/** A workload identity provider: whose tokens we take, and which agent each token is. */
export type TokenIssuer = {
  issuer: string;
  audience: string;
  jwksUrl: string | null;
  jwks: { keys: Record<string, unknown>[] } | null;
  /** Claim that names the workload, and its value for each agent. */
  claim: string;
  agents: { value: string; agent: AgentId }[];
  /** Verified claim that names the person who prompted the agent, if this issuer vouches for one. */
  onBehalfOfClaim: string | null;
};

export type Target = PostgresTarget;

export type PostgresTarget = {
  kind: "postgres";
  name: string;
  environment: string;
  /** Does what leaves through this target leave the company? */
  external: boolean;
  /** Executor queue `execute-<environment>` serves it. */
  describe: { role: string; url: SecretName };
  execute: { role: string; url: SecretName };
  exports: { directory: string };
  /** Declared by the people who know the data: `schema.table.column` → labels. */
  labels: { [column: string]: string[] };
  /** Functions an agent's statement may call here, beyond the built-in allow-list. */
  functions: string[];
};

export type SlackSettings = {
  /** Workspace, `T…`; whatever comes from another one is refused. */
  team: string;
  /** false: cards tell and link, answers are given elsewhere. */
  allowDecisions: boolean;
  /** `plain` for clients that cannot draw rich text: agent text then stands in plain_text. */
  blockStyle: "classic" | "plain";
  /** Where a request is shown: in each conversation with one of the groups it waits for; no groups: every request. */
  conversations: { id: string; groups: GroupId[] }[];
  /** Domains whose confirmed addresses may stand for a link; empty: e-mail is never looked at. */
  emailDomains: string[];
  /** Groups whose members `countersign apply` takes from a user group, `S…`. */
  userGroups: { group: GroupId; userGroup: string }[];
};

/** Counts for requests opened after `since` only: nobody joins a group to answer what already waits. */
export type ImportedMember = { group: GroupId; person: PersonId; since: Instant };

/** The name of a secret in the executor's environment or secrets directory; never its value. */
export type SecretName = string;

/**
 * The configuration as somebody's groups were when a request was opened: whoever a chat's user group took in
 * after that is not in the group for it. Groups written down by operators count as of now.
 */
export function configurationAsOf(configuration: Configuration, openedAt: Instant): Configuration {
  const { imported, directory } = configuration;
  if (imported.length === 0) return configuration;
  const people = directory.people.map((person) => {
    const joined = imported.filter((one) => one.person === person.id && one.since <= openedAt).map((one) => one.group);
    return joined.length === 0 ? person : { ...person, groups: [...new Set([...person.groups, ...joined])] };
  });
  return { ...configuration, directory: { ...directory, people } };
}

export function targetOf(configuration: Configuration, name: string): Target | null {
  return configuration.targets.find((target) => target.name === name) ?? null;
}

export function executorQueue(environment: string): string {
  return `execute-${environment}`;
}
