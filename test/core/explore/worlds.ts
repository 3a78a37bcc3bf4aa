import type { Parties } from "../../../core/deliberation-types.ts";
import type { Requirement } from "../../../core/requirement.ts";
import { TWO_GROUPS, TWO_OF_ONE } from "./company.ts";
import type { Move } from "./messages.ts";
import { ANSWERS, CALLING_OFF, DELEGATES, DIRECTORY, EXECUTION, FORBIDDEN, gateUnder, HOLDS, TIME } from "./moves.ts";

/** A requirement, and what can happen under it. `depth`: how many moves the suite goes. */
export type World = {
  name: string;
  requirement: Requirement;
  parties?: Partial<Parties>;
  moves: Move[];
  /** What is still tried when all is over: each kind of event, from somebody who could have said it before. */
  whenOver: Move[];
  depth: number;
};

const everything = (requirement: Requirement): Move[] => [
  ...ANSWERS,
  ...DELEGATES,
  ...FORBIDDEN,
  ...HOLDS,
  ...CALLING_OFF,
  ...TIME,
  ...DIRECTORY,
  ...EXECUTION,
  ...gateUnder(requirement),
];

const LAST_WORDS: readonly string[] = [
  "ana approves",
  "cas approves",
  "a recorded message comes again",
  "ben denies",
  "ben flags",
  "cas, an auditor, releases",
  "an auditor rejects",
  "the requester withdraws",
  "ben stops",
  "ben extends",
  "Temporal's Cancel",
  "a tick comes early",
  "the executor claims",
  "the settlement is told",
  "the action succeeded",
  "the gate finds the same requirement again",
  "a refusal of an earlier attempt comes late",
];
const lastWords = (requirement: Requirement) => everything(requirement).filter(({ name }) => LAST_WORDS.includes(name));

/** Few who answer, and everything that can become of an attempt: deep enough for every round of the gate. */
const ATTEMPTS: readonly string[] = [
  "ana approves",
  "cas approves",
  "ben denies",
  "ben flags",
  "an auditor releases",
  "Temporal's Cancel",
  "the next tick is due",
  "a tick comes early",
  "the executor claims",
  "the settlement is told",
  "the action succeeded",
  "the gate refuses and nothing has changed",
  "the gate finds the same requirement again",
  "the gate finds other facts",
  "the gate finds the first facts again",
  "the gate finds that nobody has to answer",
  "a refusal of an earlier attempt comes late",
];
const attempts = everything(TWO_GROUPS).filter(({ name }) => ATTEMPTS.includes(name));

const twoGroups: World = {
  name: "everything, two groups",
  requirement: TWO_GROUPS,
  moves: everything(TWO_GROUPS),
  whenOver: lastWords(TWO_GROUPS),
  depth: 7,
};
const twoOfOne: World = {
  name: "everything, two of one group",
  requirement: TWO_OF_ONE,
  moves: everything(TWO_OF_ONE),
  whenOver: lastWords(TWO_OF_ONE),
  depth: 6,
};
const manyAttempts: World = {
  name: "attempts",
  requirement: TWO_GROUPS,
  moves: attempts,
  whenOver: attempts,
  depth: 34,
};

export const WORLDS: World[] = [twoGroups, twoOfOne, manyAttempts];

/** Where planted faults are looked for: near first, so that each is found soon. */
export const LADDER: World[] = [
  { ...twoGroups, depth: 2 },
  { ...twoOfOne, depth: 3 },
  { ...manyAttempts, depth: 8 },
  { ...twoGroups, depth: 4 },
];
