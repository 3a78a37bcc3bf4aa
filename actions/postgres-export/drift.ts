import type { Description } from "../../core/evaluation.ts";
import { counted, listed } from "./names.ts";

/** Is what would be exported now still what was approved? A sentence about the first difference, or null. */
export function drifted(then: Description, now: Description): string | null {
  const [before, after] = [dataOf(then), dataOf(now)];
  for (const field of ["tables", "columns", "labels"] as const) {
    const sentence = listDrift(field, before[field], after[field]);
    if (sentence) return sentence;
  }
  if (before.external !== after.external) {
    return after.external ? "The data would now leave the company." : "The data would no longer leave the company.";
  }
  if (before.destination !== after.destination) {
    return `The destination was ${String(before.destination)} and is now ${String(after.destination)}.`;
  }
  const [was, is] = [Number(before.rows), Number(after.rows)];
  // Written so that a missing number drifts instead of passing.
  if (!(is <= was * 2 || is - was <= MANY_ROWS)) {
    return `The estimate was ${counted(was, "row")} and is now ${counted(is, "row")}.`;
  }
  return null;
}

const MANY_ROWS = 1_000;

type Data = {
  tables: unknown;
  columns: unknown;
  labels: unknown;
  external: unknown;
  destination: unknown;
  rows: unknown;
};

function dataOf(description: Description): Data {
  const data = description.facts.data;
  return (typeof data === "object" && data !== null && !Array.isArray(data) ? data : {}) as Data;
}

function listDrift(field: string, before: unknown, after: unknown): string | null {
  const [was, is] = [namesOf(before), namesOf(after)];
  const added = is.filter((name) => !was.includes(name));
  const gone = was.filter((name) => !is.includes(name));
  if (added.length === 0 && gone.length === 0) return null;
  const parts = [
    ...(added.length > 0 ? [`now also ${listed(added, 5)}`] : []),
    ...(gone.length > 0 ? [`no longer ${listed(gone, 5)}`] : []),
  ];
  return `The ${field} have changed: ${parts.join(", ")}.`;
}

function namesOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
