import type { Provenance } from "./evaluation.ts";
import type { GroupId } from "./principal.ts";
import type { Requirement, Slot } from "./requirement.ts";

/** The fields of a requirement a rule sets; what it leaves out is completed from the defaults. */
export type RequirementFields = { [Field in keyof Requirement]?: Requirement[Field] | undefined };

/** A value and the rules it came from. */
type Sourced<T> = { value: T; rules: string[] };

type Escalation = Slot["escalate"][number];
type SourcedSlot = { from: GroupId; count: Sourced<number>; escalate: Sourced<Escalation[]> };

/** Requirement fields on their way to being merged: a semilattice, so order and repetition leave no trace. */
export type Fields = {
  /** Ascending by `from`, each group once. */
  slots: SourcedSlot[];
  timeoutSeconds: Sourced<number> | null;
  maxTimeoutSeconds: Sourced<number> | null;
  validForSeconds: Sourced<number> | null;
  holdSeconds: Sourced<number> | null;
  remindSeconds: Sourced<number[]> | null;
  channels: Sourced<Requirement["channels"]> | null;
  excludeGroups: Sourced<GroupId[]> | null;
  justification: Sourced<Requirement["justification"]> | null;
};

/** One rule's fields; what it leaves open comes from the first of `open` that says it, and is marked as such. */
export function contributed(rule: string, fields: RequirementFields, open: RequirementFields[]): Fields {
  function take<F extends keyof Requirement>(field: F): Sourced<Requirement[F]> | null {
    const own = fields[field];
    if (own !== undefined) return { value: own as Requirement[F], rules: [rule] };
    const other = open.find((one) => one[field] !== undefined)?.[field];
    return other === undefined ? null : { value: other as Requirement[F], rules: ["defaults"] };
  }
  const slots = fields.slots && fields.slots.length > 0 ? { value: fields.slots, rules: [rule] } : take("slots");
  const timeoutSeconds = take("timeoutSeconds");
  return {
    slots: slots ? slotsOf(slots) : [],
    timeoutSeconds,
    maxTimeoutSeconds: atLeast(take("maxTimeoutSeconds"), fields.maxTimeoutSeconds, timeoutSeconds, open.length > 0),
    validForSeconds: take("validForSeconds"),
    holdSeconds: take("holdSeconds"),
    remindSeconds: sorted(take("remindSeconds"), (a, b) => a - b),
    channels: sorted(take("channels"), alphabetical),
    excludeGroups: sorted(take("excludeGroups"), alphabetical),
    justification: take("justification"),
  };
}

export function mergeFields(a: Fields, b: Fields): Fields {
  return {
    slots: mergeSlots(a.slots, b.slots),
    timeoutSeconds: both(a.timeoutSeconds, b.timeoutSeconds, smaller),
    maxTimeoutSeconds: both(a.maxTimeoutSeconds, b.maxTimeoutSeconds, smaller),
    validForSeconds: both(a.validForSeconds, b.validForSeconds, smaller),
    holdSeconds: both(a.holdSeconds, b.holdSeconds, larger),
    remindSeconds: both(a.remindSeconds, b.remindSeconds, (x, y) => union(x, y, (m, n) => m - n)),
    channels: both(a.channels, b.channels, intersection),
    excludeGroups: both(a.excludeGroups, b.excludeGroups, (x, y) => union(x, y, alphabetical)),
    justification: both(a.justification, b.justification, (x, y) =>
      x.value === y.value ? joined(x, y) : stricter(x, y),
    ),
  };
}

/** Only called with at least one completed rule among the merged, so nothing is missing. */
export function requirementOf(fields: Fields): Requirement {
  const maxTimeoutSeconds = fields.maxTimeoutSeconds?.value ?? 0;
  return {
    slots: fields.slots.map(({ from, count, escalate }) => ({ from, count: count.value, escalate: escalate.value })),
    timeoutSeconds: Math.min(fields.timeoutSeconds?.value ?? 0, maxTimeoutSeconds),
    maxTimeoutSeconds,
    validForSeconds: fields.validForSeconds?.value ?? 0,
    remindSeconds: fields.remindSeconds?.value ?? [],
    channels: fields.channels?.value ?? [],
    holdSeconds: fields.holdSeconds?.value ?? 0,
    excludeGroups: fields.excludeGroups?.value ?? [],
    justification: fields.justification?.value ?? "required",
  };
}

/** `slots.<group>` for a count, `slots.<group>.escalate` for who else may fill it, else the field's name. */
export function provenanceOf(fields: Fields): Provenance {
  const { slots, ...others } = fields;
  const provenance: Provenance = {};
  for (const slot of slots) {
    provenance[`slots.${slot.from}`] = slot.count.rules;
    if (slot.escalate.rules.length > 0) provenance[`slots.${slot.from}.escalate`] = slot.escalate.rules;
  }
  for (const [field, sourced] of Object.entries(others)) {
    if (sourced && sourced.rules.length > 0) provenance[field] = sourced.rules;
  }
  return provenance;
}

/** A rule that says nothing about extending allows what the defaults allow, but never less than its own timeout. */
function atLeast(
  taken: Sourced<number> | null,
  own: number | undefined,
  timeout: Sourced<number> | null,
  completing: boolean,
): Sourced<number> | null {
  if (own !== undefined || !completing) return taken;
  return taken && timeout ? larger(taken, timeout) : timeout;
}

function both<T>(
  a: Sourced<T> | null,
  b: Sourced<T> | null,
  choose: (a: Sourced<T>, b: Sourced<T>) => Sourced<T>,
): Sourced<T> | null {
  return a && b ? choose(a, b) : (a ?? b);
}

function joined<T>(a: Sourced<T>, b: Sourced<T>): Sourced<T> {
  return { value: a.value, rules: names(a, b) };
}

function smaller(a: Sourced<number>, b: Sourced<number>): Sourced<number> {
  if (a.value === b.value) return joined(a, b);
  return a.value < b.value ? a : b;
}

function larger(a: Sourced<number>, b: Sourced<number>): Sourced<number> {
  if (a.value === b.value) return joined(a, b);
  return a.value > b.value ? a : b;
}

type Justification = Sourced<Requirement["justification"]>;
function stricter(a: Justification, b: Justification): Justification {
  return a.value === "required" ? a : b;
}

function union<T>(a: Sourced<T[]>, b: Sourced<T[]>, order: (a: T, b: T) => number): Sourced<T[]> {
  return { value: [...new Set([...a.value, ...b.value])].sort(order), rules: names(a, b) };
}

function intersection<T>(a: Sourced<T[]>, b: Sourced<T[]>): Sourced<T[]> {
  return { value: a.value.filter((one) => b.value.includes(one)), rules: names(a, b) };
}

function mergeSlots(a: SourcedSlot[], b: SourcedSlot[]): SourcedSlot[] {
  const merged = new Map(a.map((slot) => [slot.from, slot]));
  for (const slot of b) {
    const other = merged.get(slot.from);
    merged.set(
      slot.from,
      other ? { from: slot.from, count: larger(other.count, slot.count), escalate: narrower(other, slot) } : slot,
    );
  }
  return [...merged.values()].sort((x, y) => alphabetical(x.from, y.from));
}

/** Only what both allow, at the later of their times. */
function narrower(a: SourcedSlot, b: SourcedSlot): Sourced<Escalation[]> {
  const value = a.escalate.value.flatMap((step) => {
    const other = b.escalate.value.find((one) => one.to === step.to);
    return other ? [{ to: step.to, afterSeconds: Math.max(step.afterSeconds, other.afterSeconds) }] : [];
  });
  return { value: value.sort(byTime), rules: names(a.escalate, b.escalate) };
}

/** A rule that names a group in two slots wants the people of both. */
function slotsOf({ value, rules }: Sourced<Slot[]>): SourcedSlot[] {
  const slots = new Map<GroupId, SourcedSlot>();
  for (const slot of value) {
    const escalate = { value: earliest(slot.escalate), rules };
    const one = { from: slot.from, count: { value: slot.count, rules }, escalate };
    const other = slots.get(slot.from);
    slots.set(
      slot.from,
      other ? { ...one, count: { value: other.count.value + slot.count, rules }, escalate: narrower(other, one) } : one,
    );
  }
  return [...slots.values()].sort((a, b) => alphabetical(a.from, b.from));
}

/** Each group once: naming it a second time, later, adds nothing. */
function earliest(escalate: Escalation[]): Escalation[] {
  const steps = [...escalate].sort(byTime);
  return steps.filter((step, index) => steps.findIndex((other) => other.to === step.to) === index);
}

function byTime(a: Escalation, b: Escalation): number {
  return a.afterSeconds - b.afterSeconds || alphabetical(a.to, b.to);
}

function sorted<T>(sourced: Sourced<T[]> | null, order: (a: T, b: T) => number): Sourced<T[]> | null {
  if (!sourced) return null;
  const value = [...new Set(sourced.value)].sort(order);
  return { value, rules: value.length > 0 ? sourced.rules : [] };
}

function names(a: Sourced<unknown>, b: Sourced<unknown>): string[] {
  return [...new Set([...a.rules, ...b.rules])].sort();
}

function alphabetical(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
