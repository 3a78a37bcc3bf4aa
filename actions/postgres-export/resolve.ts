import type { Sql } from "postgres";
import { CountersignError } from "../../core/errors.ts";
import { FUNCTIONS } from "./builtins.ts";
import { type Mentions, mentionsOf, type RelationMention } from "./mentions.ts";
import { qualified, shown } from "./names.ts";
import { parse, type Tree } from "./parser.ts";
import type { Statement } from "./statement.ts";

/** One table or view the statement reads, directly or through a view or its parent. */
export type Relation = {
  oid: number;
  schema: string;
  name: string;
  kind: "table" | "view";
  /** Named in the statement itself. */
  direct: boolean;
  /** Reached only as a partition or child of another. */
  child: boolean;
  columns: string[];
  touched: Set<string>;
};

/**
 * Asks the catalog what the statement's names stand for and follows views down to their tables.
 * Reads only the catalog. Refuses what the text alone could not show: names that the database's
 * own functions or operators have taken, and tables that live on another server.
 */
export async function resolve(
  sql: Sql,
  statement: Statement,
  allowedFunctions: readonly string[],
): Promise<Relation[]> {
  await refuseForeignMeanings(sql, statement, new Set(allowedFunctions));
  const found = new Map<number, Relation>();
  await follow(sql, statement.mentions, found, true, 0);
  await addChildren(sql, found);
  return [...found.values()];
}

/** Tables the planner reads that no text named (row security, inlined functions): all of their columns count. */
export async function addPlanned(
  sql: Sql,
  relations: Relation[],
  planned: { schema: string; name: string }[],
): Promise<Relation[]> {
  const found = new Map(relations.map((relation) => [relation.oid, relation]));
  const known = new Set(relations.map((relation) => qualified(relation.schema, relation.name)));
  for (const { schema, name } of planned) {
    if (known.has(qualified(schema, name))) continue;
    const mention = { schema, name, alias: null, whole: true };
    await follow(sql, { relations: [mention], columns: [], attributes: [], recursive: false }, found, false, 0);
  }
  return [...found.values()];
}

type Row = { oid: number; schema: string; name: string; relkind: string; columns: string[] };

async function follow(
  sql: Sql,
  mentions: Mentions,
  found: Map<number, Relation>,
  direct: boolean,
  depth: number,
): Promise<void> {
  for (const mention of mentions.relations) {
    const row = await lookUp(sql, mention);
    const relation = found.get(row.oid) ?? newRelation(row, direct);
    const fresh = !found.has(row.oid);
    found.set(row.oid, relation);
    relation.direct ||= direct;
    for (const column of touchedBy(mentions, mention, row.columns)) relation.touched.add(column);
    if (!fresh || relation.kind !== "view") continue;
    if (depth >= VIEW_DEPTH) throw refused(`The view ${shown(row.name)} stands on too many other views`);
    await follow(sql, mentionsOf({ view: await bodyOf(sql, row) }), found, false, depth + 1);
  }
}

const VIEW_DEPTH = 20;

async function lookUp(sql: Sql, mention: RelationMention): Promise<Row> {
  const name = mention.schema === null ? [mention.name] : [mention.schema, mention.name];
  const quoted = name.map((part) => `"${part.replaceAll('"', '""')}"`).join(".");
  const [row] = await sql<Row[]>`
    select c.oid::int8::float8 as oid, n.nspname as schema, c.relname as name, c.relkind::text as relkind,
           coalesce((select json_agg(a.attname order by a.attnum) from pg_attribute a
                     where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped), '[]'::json) as columns
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.oid = to_regclass(${quoted})`;
  if (!row) throw refused(`There is no table ${shown(name.join("."))} that the describe role can see`);
  if (row.schema === "information_schema" || row.schema.startsWith("pg_")) {
    throw refused(`${shown(name.join("."))} is the system catalog, not the target's data`);
  }
  if (!Object.hasOwn(KINDS, row.relkind)) {
    const what = row.relkind === "f" ? "lives on another server" : "is not a table or a view";
    throw refused(`${shown(name.join("."))} ${what}`);
  }
  return row;
}

const KINDS: { readonly [relkind: string]: Relation["kind"] } = { r: "table", p: "table", v: "view", m: "view" };

function newRelation(row: Row, direct: boolean): Relation {
  const kind = KINDS[row.relkind] ?? "table";
  return {
    oid: row.oid,
    schema: row.schema,
    name: row.name,
    kind,
    direct,
    child: false,
    columns: row.columns,
    touched: new Set(),
  };
}

function touchedBy(mentions: Mentions, mention: RelationMention, columns: string[]): string[] {
  if (mention.whole) return columns;
  const named = new Set(
    mentions.columns
      .filter(({ qualifier }) => qualifier === null || qualifier === mention.alias || qualifier === mention.name)
      .map(({ name }) => name),
  );
  return columns.filter((column) => named.has(column));
}

/**
 * The view as Postgres itself writes it, read with the same grammar. pg_depend would be shorter, but it does
 * not remember that a view uses a whole row (`to_jsonb(c)`).
 */
async function bodyOf(sql: Sql, view: Row): Promise<Tree[]> {
  // With only pg_catalog in the path every table is written with its schema.
  await sql`select set_config('search_path', 'pg_catalog', true)`;
  const [row] = await sql<{ text: string }[]>`select pg_get_viewdef(${view.oid}::int8::oid) as text`;
  await sql`select set_config('search_path', 'pg_catalog, public, pg_temp', true)`;
  try {
    return await parse(row?.text ?? "");
  } catch {
    throw refused(`The view ${shown(view.name)} could not be read, so what it shows is not known`);
  }
}

/** Children and partitions are read through their parent, under the same column names. */
async function addChildren(sql: Sql, found: Map<number, Relation>): Promise<void> {
  for (const parent of [...found.values()]) {
    if (parent.kind !== "table") continue;
    const rows = await sql<Row[]>`
      with recursive below(oid) as (
        select inhrelid from pg_inherits where inhparent = ${parent.oid}::int8::oid
        union select i.inhrelid from pg_inherits i join below b on i.inhparent = b.oid
      )
      select c.oid::int8::float8 as oid, n.nspname as schema, c.relname as name, c.relkind::text as relkind,
             '[]'::json as columns
      from below join pg_class c on c.oid = below.oid join pg_namespace n on n.oid = c.relnamespace`;
    for (const row of rows) {
      if (row.relkind === "f") throw refused(`A part of ${shown(parent.name)} lives on another server`);
      const child = found.get(row.oid) ?? { ...newRelation(row, false), child: true };
      for (const column of parent.touched) child.touched.add(column);
      found.set(row.oid, child);
    }
  }
}

/**
 * pg_catalog comes first in the path, but Postgres prefers the better fit: `public.upper(varchar)` wins
 * over `pg_catalog.upper(text)`. And `c.x` calls the function x(customers) when there is no column x.
 */
async function refuseForeignMeanings(sql: Sql, statement: Statement, allowed: Set<string>): Promise<void> {
  const bare = statement.functions.filter((name) => !name.includes(".") && !isAllowed(name));
  const [shadow] = await sql<{ name: string }[]>`
    select proname as name from pg_proc
    where pronamespace = to_regnamespace('public')::oid
      and proname in (select jsonb_array_elements_text(${JSON.stringify(bare)}::text::jsonb)) limit 1`;
  if (shadow) throw ambiguous("function", shadow.name);

  const attributes = statement.mentions.attributes.filter((name) => !FUNCTIONS.has(name) && !isAllowed(name));
  const [attribute] = await sql<{ name: string }[]>`
    select p.proname as name
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_type t on t.oid = p.proargtypes[0]
    where n.nspname in ('public', 'pg_catalog')
      and p.proname in (select jsonb_array_elements_text(${JSON.stringify(attributes)}::text::jsonb))
      and p.pronargs >= 1 and p.pronargs - p.pronargdefaults <= 1
      and (t.typtype = 'c' or t.typname in ('record', 'any', 'anyelement', 'anynonarray', 'anycompatible'))
    limit 1`;
  if (attribute) throw refused(`.${shown(attribute.name)} could be a call of the function ${shown(attribute.name)}`);

  const [operator] = await sql<{ name: string }[]>`
    select o.oprname as name
    from pg_operator o join pg_proc p on p.oid = o.oprcode join pg_language l on l.oid = p.prolang
    where o.oprnamespace = to_regnamespace('public')::oid
      and o.oprname in (select jsonb_array_elements_text(${JSON.stringify(statement.operators)}::text::jsonb))
      and (p.provolatile = 'v' or l.lanname not in ('c', 'internal')) limit 1`;
  if (operator) throw ambiguous("operator", operator.name);

  function isAllowed(name: string): boolean {
    return allowed.has(name) || allowed.has(`public.${name}`);
  }
}

function ambiguous(what: string, name: string): CountersignError {
  return refused(
    `This database has ${what === "operator" ? "an" : "a"} ${what} ${shown(name)} of its own in public, so it is not clear which one would run`,
  );
}

function refused(sentence: string): CountersignError {
  return new CountersignError("STATEMENT_REFUSED", `${sentence}.`, { pointer: "/arguments/statement" });
}
