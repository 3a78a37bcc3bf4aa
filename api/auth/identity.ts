import type { AgentSettings } from "../../config/configuration.ts";
import type { StandsFor } from "../../core/delegation.ts";
import { CountersignError } from "../../core/errors.ts";
import type { Agent, AgentId, GroupId, Instant, Person, PersonId } from "../../core/principal.ts";
import { AUDITORS, OPERATORS } from "../../core/principal.ts";

/** Who is on the other end, from the authenticated credential alone; never from a payload. */
export type Identity = PersonIdentity | AgentIdentity;

export type PersonIdentity = {
  kind: "person";
  /** The account that signed in. */
  id: PersonId;
  /** The person behind the account: whose answers these are. */
  person: Person;
  name: string;
  /** All of now. */
  groups: GroupId[];
  /** Those of them that only a chat's user group says, and since when: they count for what was opened after that. */
  joined: Joined[];
  /** Colleagues who are away and named this person to answer for them. */
  standsFor: StandsFor[];
  /** `slack`: an account that Slack vouched for; it reads and throws switches, its answers are identified apart. */
  method: "session" | "token" | "slack";
  credentialId: string;
  /** What the credential is limited to; empty means everything its kind may do. */
  scopes: string[];
  expiresAt: Instant | null;
};

export type Joined = { group: GroupId; since: Instant };

export type AgentIdentity = {
  kind: "agent";
  id: AgentId;
  agent: Agent;
  settings: AgentSettings | null;
  name: string;
  groups: GroupId[];
  method: "agent-key" | "workload-jwt";
  credentialId: string;
  /** From a verified claim only. */
  onBehalfOf: PersonId | null;
  /** What the credential is limited to; empty means everything its kind may do. */
  scopes: string[];
  expiresAt: Instant | null;
};

/** How a caller of this API authenticated; an account of a chat never calls it. */
export function callMethod({ method }: Identity): Exclude<Identity["method"], "slack"> {
  if (method === "slack") throw new CountersignError("FORBIDDEN", "An answer in Slack is a click, not a call.");
  return method;
}

/** The groups of somebody as they count for what was opened at that moment. */
export function groupsAsOf(identity: Identity, openedAt: Instant): GroupId[] {
  if (identity.kind === "agent") return identity.groups;
  const late = identity.joined.filter((one) => one.since > openedAt).map((one) => one.group);
  return identity.groups.filter((group) => !late.includes(group));
}

export function isOperator(identity: Identity): boolean {
  return identity.kind === "person" && identity.groups.includes(OPERATORS);
}

export function isAuditor(identity: Identity): boolean {
  return identity.kind === "person" && identity.groups.includes(AUDITORS);
}

/** What a credential can be limited to. */
export const SCOPES = ["read", "ask", "answer", "operate"] as const;
export type Scope = (typeof SCOPES)[number];

/** Whoever may ask may also take it back. */
export function isInScope(identity: Identity, scope: Scope): boolean {
  if (identity.scopes.length === 0 || identity.scopes.includes(scope)) return true;
  return identity.kind === "agent" && scope === "answer" && identity.scopes.includes("ask");
}
