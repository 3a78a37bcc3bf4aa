/** Faults of the machinery around core, planted to see that the simulation finds them. */
export const WEAKNESSES = [
  "a claim is not unique",
  "a tombstone is ignored",
  "a settlement writes no tombstone",
  "the last write wins",
  "a refusal leaves its attempt open",
  "the gate believes the workflow",
  "the gate counts whoever has left",
  "a message is acknowledged when it arrives",
  "a crash loses what was taken from the inbox",
  "a retry runs what was claimed before",
] as const;
export type Weakness = (typeof WEAKNESSES)[number];
