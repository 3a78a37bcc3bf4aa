import type { Sql, UnsafeQueryOptions } from "postgres";

export type Plan = {
  /** Rows the planner expects. */
  rows: number;
  /** Tables it would read. */
  relations: { schema: string; name: string }[];
};

export type OutputColumn = { name: string; type: number };

/**
 * Asks the planner about the statement without running it. EXPLAIN without ANALYZE executes
 * nothing; the planner may compute calls of immutable functions whose arguments are all constants,
 * which for the built-in list reads no table and changes nothing, and which is why a target should
 * only allow functions that are as harmless as that. The server refuses a second statement here,
 * too, because this goes through the extended protocol.
 */
export async function planOf(sql: Sql, statement: string): Promise<Plan> {
  const rows = await sql.unsafe(`explain (format json, verbose true, costs true) ${statement}`, [], EXTENDED);
  const found = rows[0]?.["QUERY PLAN"] as [{ Plan: Node }] | undefined;
  const top = found?.[0].Plan;
  const relations = new Map<string, { schema: string; name: string }>();
  if (top) collect(top, relations);
  return { rows: Math.round(top?.["Plan Rows"] ?? 0), relations: [...relations.values()] };
}

/** Names and types of what the statement would return: parsed and analysed by the server, never bound or run. */
export async function outputOf(sql: Sql, statement: string): Promise<OutputColumn[]> {
  const described = await sql.unsafe(statement, [], { prepare: true }).describe();
  return described.columns.map(({ name, type }) => ({ name, type }));
}

/** The library's types do not know this option; without it a query without parameters goes the simple way. */
const EXTENDED: UnsafeQueryOptions & { simple: boolean } = { simple: false };

type Node = { "Plan Rows"?: number; Schema?: string; "Relation Name"?: string; Plans?: Node[] };

function collect(node: Node, into: Map<string, { schema: string; name: string }>): void {
  const [schema, name] = [node.Schema, node["Relation Name"]];
  if (schema !== undefined && name !== undefined) into.set(JSON.stringify([schema, name]), { schema, name });
  for (const child of node.Plans ?? []) collect(child, into);
}
