import type { ChannelName } from "./message.ts";
import type { GroupId, PersonId } from "./principal.ts";

/** One kind of approval that is needed: `count` different people of `from`. */
export type Slot = {
  from: GroupId;
  count: number;
  /** Who else may fill this slot once time has passed; ascending by `afterSeconds`. */
  escalate: { afterSeconds: number; to: GroupId }[];
};

/** Who must approve, by when, through what: the merged answer of every matching review rule. */
export type Requirement = {
  slots: Slot[];
  timeoutSeconds: number;
  /** How far `extend` may move the deadline, counted from the opening. */
  maxTimeoutSeconds: number;
  /** How long an approval may wait for its start. */
  validForSeconds: number;
  /** When to remind those missing, counted from the opening; ascending. */
  remindSeconds: number[];
  channels: ChannelName[];
  /** How long a flagged request may be held before it expires. */
  holdSeconds: number;
  /** People this policy excludes, beyond those every request excludes. */
  excludeGroups: GroupId[];
  justification: "optional" | "required";
};

/** Who could answer right now: active people, with those of their groups that matter here. */
export type Roster = { person: PersonId; name: string; groups: GroupId[] }[];
