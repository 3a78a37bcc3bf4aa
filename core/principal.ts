/** Milliseconds since the Unix epoch. Core never reads a clock: every instant is handed in. */
export type Instant = number;

export type PersonId = `person:${string}`;
export type AgentId = `agent:${string}`;
export type GroupId = `group:${string}`;
export type PrincipalId = PersonId | AgentId;
/** An account of a chat, `slack:<workspace>/<user>`: somebody's, but nobody's principal until it is identified. */
export type AccountId = `slack:${string}`;

export type Person = {
  id: PersonId;
  name: string;
  email: string | null;
  groups: GroupId[];
  active: boolean;
  /** Set on a second account: whoever holds it is this person, and counts as this person. */
  sameAs: PersonId | null;
  /** Accounts of chats that are this person's. */
  accounts: AccountId[];
};

export type Agent = {
  id: AgentId;
  name: string;
  /** The person answerable for the agent; never a reviewer of its requests. */
  owner: PersonId;
  groups: GroupId[];
  active: boolean;
};

export type Directory = {
  groups: GroupId[];
  people: Person[];
  agents: Agent[];
};

/** These two groups hold the switches; no policy has to name them. */
export const OPERATORS: GroupId = "group:operators";
export const AUDITORS: GroupId = "group:auditors";

export function isAccount(id: PrincipalId | AccountId): id is AccountId {
  return id.startsWith("slack:");
}

export function isPerson(id: PrincipalId | AccountId): id is PersonId {
  return id.startsWith("person:");
}

/** The one person behind an account, however many accounts they have. */
export function personBehind(directory: Directory, id: PersonId): Person | null {
  const account = directory.people.find((person) => person.id === id);
  if (!account) return null;
  if (account.sameAs === null) return account;
  const person = directory.people.find((other) => other.id === account.sameAs);
  if (!person) return null;
  return { ...person, active: person.active && account.active };
}

export function agentOf(directory: Directory, id: PrincipalId): Agent | null {
  return directory.agents.find((agent) => agent.id === id) ?? null;
}
