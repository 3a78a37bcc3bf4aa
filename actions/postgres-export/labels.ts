import { qualified } from "./names.ts";
import type { Relation } from "./resolve.ts";

export type ColumnLabels = { column: string; labels: string[] };

/** Labelled columns that the statement may read, with the labels the target's configuration declares for them. */
export function columnLabelsOf(relations: Relation[], declared: { [column: string]: string[] }): ColumnLabels[] {
  const found: ColumnLabels[] = [];
  for (const { schema, name, touched } of relations) {
    for (const column of [...touched].sort()) {
      const keys = new Set([`${schema}.${name}.${column}`, qualified(schema, name, column)]);
      const labels = [...keys].flatMap((key) => (Object.hasOwn(declared, key) ? (declared[key] ?? []) : []));
      if (labels.length > 0)
        found.push({ column: qualified(schema, name, column), labels: [...new Set(labels)].sort() });
    }
  }
  return found;
}
