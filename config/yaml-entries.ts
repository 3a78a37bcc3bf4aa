import type { Path, Problem } from "./yaml-findings.ts";

/** Parts of countersign.yaml as the file has them, valid or not, each with its place. */
export type Raw = { [key: string]: unknown };
export type Entry = { path: Path; value: Raw };

export function unknownIn(path: Path, value: Raw, field: string, known: unknown[], noun: string): Problem[] {
  return listOf(value[field]).flatMap((name, index) => {
    if (typeof name !== "string" || known.includes(name)) return [];
    return [wrong([...path, field, index], `there is no ${noun} "${name}"`)];
  });
}

export function repeated(noun: string, values: { path: Path; value: unknown }[]): Problem[] {
  const first = new Set<string>();
  return values.flatMap(({ path, value }) => {
    if (typeof value !== "string") return [];
    if (!first.has(value)) {
      first.add(value);
      return [];
    }
    return [wrong(path, `the ${noun} "${value}" is there twice`)];
  });
}

export function fieldOf(entries: Entry[], field: string): { path: Path; value: unknown }[] {
  return entries.map(({ path, value }) => ({ path: [...path, field], value: value[field] }));
}

export function lowerCase({ path, value }: { path: Path; value: unknown }): { path: Path; value: unknown } {
  return { path, value: typeof value === "string" ? value.toLowerCase() : value };
}

export function find(entries: Entry[], id: string): Entry | null {
  return entries.find((entry) => entry.value.id === id) ?? null;
}

export function entriesOf(value: unknown, name: string): Entry[] {
  if (Array.isArray(value)) return value.map((item, index) => ({ path: [name, index], value: recordOf(item) }));
  return Object.entries(recordOf(value)).map(([key, item]) => ({ path: [name, key], value: recordOf(item) }));
}

export function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

export function recordOf(value: unknown): Raw {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Raw) : {};
}

export function wrong(path: Path, message: string): Problem {
  return { path, key: false, message };
}

export const BUILT_IN_GROUPS = ["operators", "auditors"];
