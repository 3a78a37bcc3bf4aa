import type { Tree } from "./parser.ts";

/** A table or view as the statement names it. */
export type RelationMention = {
  schema: string | null;
  name: string;
  alias: string | null;
  /** Every column of it may be read: `*`, a whole row, NATURAL JOIN, renamed columns. */
  whole: boolean;
};

/**
 * Which tables and columns a tree names. Where scoping would have to be followed exactly, this
 * errs towards "reads it": a bare column name counts for every table that has such a column.
 */
export type Mentions = {
  relations: RelationMention[];
  columns: { qualifier: string | null; name: string }[];
  /** Names after a dot: `c.x` can be a column, but also a call of the function x(c). */
  attributes: string[];
  recursive: boolean;
};

export function mentionsOf(tree: Tree): Mentions {
  const mentions: Mentions = { relations: [], columns: [], attributes: [], recursive: false };
  const stars: string[] = [];
  /** Tables in the FROM of the SELECT being read, and whether a bare `*` there takes all of them. */
  let level: { relations: RelationMention[]; star: boolean } = { relations: [], star: false };
  visit(tree, new Set());
  settleWholeRows();
  return mentions;

  function visit(value: unknown, ctes: ReadonlySet<string>): void {
    if (Array.isArray(value)) {
      for (const item of value) visit(item, ctes);
    } else if (typeof value === "object" && value !== null) {
      for (const [key, inner] of Object.entries(value)) visitNode(key, inner, ctes);
    }
  }

  function visitNode(key: string, node: unknown, ctes: ReadonlySet<string>): void {
    if (key === "SelectStmt") visitSelect(node as Tree, ctes);
    else if (key === "RangeVar") visitRelation(node as Tree, ctes);
    else if (key === "ColumnRef") visitColumn(fieldsOf((node as Tree).fields));
    else {
      if (key === "A_Indirection") mentions.attributes.push(...fieldsOf((node as Tree).indirection).filter(isName));
      if (key === "JoinExpr") visitJoin(node as Tree);
      visit(node, ctes);
    }
  }

  /** Names of a WITH stand for its queries from there on, and hide tables of the same name. */
  function visitSelect(select: Tree, outer: ReadonlySet<string>): void {
    const { withClause, larg, rarg, ...rest } = select;
    const around = level;
    level = { relations: [], star: false };
    const ctes = new Set(outer);
    const clause = (withClause ?? {}) as { recursive?: boolean; ctes?: { CommonTableExpr?: Tree }[] };
    const queries = (clause.ctes ?? []).flatMap((cte) => (cte.CommonTableExpr ? [cte.CommonTableExpr] : []));
    if (clause.recursive) {
      mentions.recursive = true;
      for (const query of queries) ctes.add(String(query.ctename));
    }
    for (const query of queries) {
      visit(query.ctequery, new Set(ctes));
      ctes.add(String(query.ctename));
    }
    visit(rest, ctes);
    // The arms of a UNION are SELECTs written without their wrapper.
    for (const arm of [larg, rarg]) if (arm) visitSelect(arm as Tree, ctes);
    if (level.star) for (const relation of level.relations) relation.whole = true;
    level = around;
  }

  function visitRelation(node: Tree, ctes: ReadonlySet<string>): void {
    const schema = typeof node.schemaname === "string" ? node.schemaname : null;
    const name = String(node.relname);
    if (schema === null && ctes.has(name)) return;
    const alias = node.alias as { aliasname?: string; colnames?: unknown[] } | undefined;
    const relation = { schema, name, alias: alias?.aliasname ?? null, whole: alias?.colnames !== undefined };
    mentions.relations.push(relation);
    level.relations.push(relation);
  }

  function visitColumn(fields: (string | typeof STAR)[]): void {
    const last = fields.at(-1);
    const before = fields.at(-2);
    const qualifier = typeof before === "string" ? before : null;
    if (last === STAR && qualifier === null) level.star = true;
    else if (last === STAR) stars.push(qualifier ?? "");
    else if (last !== undefined) {
      mentions.columns.push({ qualifier, name: last });
      if (qualifier !== null) mentions.attributes.push(last);
    }
  }

  function visitJoin(node: Tree): void {
    if (node.isNatural) level.star = true;
    for (const name of fieldsOf(node.usingClause).filter(isName)) mentions.columns.push({ qualifier: null, name });
  }

  function settleWholeRows(): void {
    for (const relation of mentions.relations) {
      const names = [relation.name, ...(relation.alias === null ? [] : [relation.alias])];
      relation.whole ||=
        stars.some((qualifier) => names.includes(qualifier)) ||
        // `select c from customers c` is the whole row, not a column.
        mentions.columns.some(({ qualifier, name }) => qualifier === null && names.includes(name));
    }
  }
}

const STAR = Symbol("*");

function fieldsOf(list: unknown): (string | typeof STAR)[] {
  if (!Array.isArray(list)) return [];
  const items = list as { String?: { sval?: string }; A_Star?: object }[];
  return items.flatMap((item): (string | typeof STAR)[] => {
    if (item.A_Star) return [STAR];
    return item.String ? [item.String.sval ?? ""] : [];
  });
}

function isName(field: string | typeof STAR): field is string {
  return typeof field === "string";
}
