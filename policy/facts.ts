import type { FactType, FactTypes } from "../actions/action.ts";
import { LIMITS } from "../core/limits.ts";
import type { Instant } from "../core/principal.ts";
import type { Json, JsonObject } from "../core/request.ts";

/** Facts every action has. `args` (the arguments as validated) and `now` stand beside these namespaces. */
export const BASE_FACTS = {
  subject: { id: "string", kind: "string", groups: "list<string>", owner: "string", on_behalf_of: "string" },
  target: { name: "string", environment: "string", external: "bool" },
  action: { type: "string", mode: "string" },
} as const satisfies FactTypes;

/** Nobody and nothing is written "" in a condition, so that these can be compared without asking first. */
const EMPTY_WHEN_NULL = ["subject.owner", "subject.on_behalf_of"];

export function factTypesOf(action: { facts: FactTypes }): FactTypes {
  return { ...action.facts, ...BASE_FACTS };
}

/** What conditions read: one entry a namespace, with `args` and `now`. */
export type FactValues = Map<string, unknown>;

/**
 * Facts as CEL values. A field of another type than declared is left out, so that a condition
 * that reads it fails, which counts against the action; it never quietly reads as something else.
 */
export function factValues(facts: JsonObject, types: FactTypes, now: Instant): FactValues {
  const values: FactValues = new Map();
  for (const [namespace, fields] of Object.entries(types)) {
    const given = objectOf(facts[namespace]);
    const entries = Object.entries(fields).flatMap(([field, type]): [string, unknown][] => {
      const json = given[field] ?? (EMPTY_WHEN_NULL.includes(`${namespace}.${field}`) ? "" : null);
      const value = celValue(json, type);
      return value === undefined ? [] : [[field, value]];
    });
    values.set(namespace, new Map(entries));
  }
  values.set("args", anyValue(objectOf(facts.args)));
  values.set("now", new Date(now));
  return values;
}

/** Names in these facts that no condition could read. */
export function unknownFacts(facts: JsonObject, types: FactTypes): string[] {
  return Object.entries(facts).flatMap(([namespace, fields]) => {
    if (namespace === "args") return [];
    const known = types[namespace];
    if (!known) return [namespace];
    return Object.keys(objectOf(fields))
      .filter((field) => !Object.hasOwn(known, field))
      .map((field) => `${namespace}.${field}`);
  });
}

/** Why these facts are too large to be judged, or null. */
export function factsTooLarge(facts: JsonObject): string | null {
  const pending: Json[] = [facts];
  let nodes = 0;
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    nodes += 1;
    if (nodes > LIMITS.factsBytes) return `The facts have more than ${LIMITS.factsBytes} values.`;
    if (next === null || typeof next !== "object") continue;
    const items = Array.isArray(next) ? next : Object.values(next);
    if (items.length > LIMITS.factsListItems) {
      return `A list in the facts has ${items.length} items; at most ${LIMITS.factsListItems} are judged.`;
    }
    for (const item of items) pending.push(item);
  }
  return null;
}

function celValue(json: Json, type: FactType): unknown {
  switch (type) {
    case "bool":
      return typeof json === "boolean" ? json : undefined;
    case "int":
      return typeof json === "number" && Number.isInteger(json) ? BigInt(json) : undefined;
    case "double":
      return typeof json === "number" ? json : undefined;
    case "string":
      return typeof json === "string" ? json : undefined;
    case "timestamp":
      return timestampOf(json);
    case "list<string>":
      return Array.isArray(json) && json.every((item) => typeof item === "string") ? json : undefined;
    case "list":
      return Array.isArray(json) ? json.map(anyValue) : undefined;
    case "map":
      return json !== null && typeof json === "object" && !Array.isArray(json) ? anyValue(json) : undefined;
    default: {
      const unknown: never = type;
      throw new Error(`A fact is declared with the type ${unknown}, which does not exist.`);
    }
  }
}

/** Instants come as milliseconds or as RFC 3339 text. */
function timestampOf(json: Json): Date | undefined {
  if (typeof json !== "number" && typeof json !== "string") return undefined;
  const date = new Date(json);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** Maps, not objects: a key such as `constructor` or `__proto__` is then a key like any other. */
function anyValue(json: Json): unknown {
  if (typeof json === "number") return Number.isInteger(json) ? BigInt(json) : json;
  if (json === null || typeof json !== "object") return json;
  if (Array.isArray(json)) return json.map(anyValue);
  return new Map(Object.entries(json).map(([key, value]) => [key, anyValue(value)]));
}

function objectOf(json: Json | undefined): JsonObject {
  return json !== null && typeof json === "object" && !Array.isArray(json) ? json : {};
}
