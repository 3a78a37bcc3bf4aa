import type { Evaluation } from "../../../core/evaluation.ts";
import type { AccountId, GroupId, PersonId } from "../../../core/principal.ts";
import type { Requirement, Roster } from "../../../core/requirement.ts";

/** The small company the explorer looks at: who there is, and what the policy may ask for. */
export const DATA: GroupId = "group:data";
export const SECURITY: GroupId = "group:security";
export const ONCALL: GroupId = "group:oncall";
export const CONTRACTORS: GroupId = "group:contractors";
const AUDITORS: GroupId = "group:auditors";
const OPERATORS: GroupId = "group:operators";

/** Ana, Ben and Cas can fill the two slots; Olga owns the agent and Rui asked for it, though both are in the groups. */
export const GROUPS: { [person: PersonId]: GroupId[] } = {
  "person:ana": [DATA],
  "person:ben": [DATA, SECURITY],
  "person:cas": [SECURITY, AUDITORS],
  "person:dan": [DATA, CONTRACTORS],
  "person:eli": [ONCALL],
  "person:nik": [],
  "person:olga": [DATA, SECURITY],
  "person:rui": [DATA, SECURITY],
  "person:aud": [AUDITORS],
  "person:ops": [OPERATORS],
};
export const REQUESTER = "person:rui" as const;
export const OWNER = "person:olga" as const;
export const ANA_IN_CHAT: AccountId = "slack:T1/ANA";

/** Groups a roster lists: those of the slots and of their escalations. */
export const RELEVANT: readonly GroupId[] = [DATA, SECURITY, ONCALL];

const EVERYBODY: Roster = Object.entries(GROUPS).map(([person, groups]) => ({
  person: person as PersonId,
  name: person,
  groups: groups.filter((group) => RELEVANT.includes(group)),
}));
const WITHOUT_ANA: Roster = EVERYBODY.filter(({ person }) => person !== "person:ana");

export function rosterWhen(anaHasLeft: boolean): Roster {
  return anaHasLeft ? WITHOUT_ANA : EVERYBODY;
}

export function groupsWhen(anaHasLeft: boolean, person: PersonId): GroupId[] {
  return anaHasLeft && person === "person:ana" ? [] : (GROUPS[person] ?? []);
}

export const OPENED = 0;
export const FACTS = "sha256:facts" as const;
export const OTHER_FACTS = "sha256:other-facts" as const;
export const ACTION = "sha256:action" as const;

/** Data and security, different people; security may be answered by whoever is on call after ten minutes. */
export const TWO_GROUPS: Requirement = {
  slots: [
    { from: DATA, count: 1, escalate: [] },
    { from: SECURITY, count: 1, escalate: [{ afterSeconds: 600, to: ONCALL }] },
  ],
  timeoutSeconds: 3600,
  maxTimeoutSeconds: 4800,
  validForSeconds: 900,
  remindSeconds: [],
  channels: ["page", "slack"],
  holdSeconds: 7200,
  excludeGroups: [CONTRACTORS],
  justification: "optional",
};

/** Two different people of one group: what delegates could fake. */
export const TWO_OF_ONE: Requirement = { ...TWO_GROUPS, slots: [{ from: DATA, count: 2, escalate: [] }] };

/** What a gate may find to hold instead, stricter and sooner. */
export const STRICTER: Requirement = {
  ...TWO_GROUPS,
  timeoutSeconds: 2400,
  slots: [
    { from: DATA, count: 1, escalate: [] },
    { from: SECURITY, count: 2, escalate: [{ afterSeconds: 600, to: ONCALL }] },
  ],
};

export function asking(requirement: Requirement, factsDigest: Evaluation["factsDigest"] = FACTS): Evaluation {
  return {
    outcome: "review",
    reasons: [{ code: "BULK_EXPORT", rule: "bulk", note: null }],
    rules: [],
    requirement,
    validForSeconds: 900,
    provenance: {},
    policyDigest: "sha256:policy",
    engine: "explorer",
    factsDigest,
  };
}

export const ALLOWING: Evaluation = { ...asking(TWO_GROUPS), outcome: "allow", requirement: null };
export const DENYING: Evaluation = { ...ALLOWING, outcome: "deny" };
