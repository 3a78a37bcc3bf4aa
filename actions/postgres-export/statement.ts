import { LIMITS } from "../../core/limits.ts";
import { FUNCTIONS, PADDING, PADDING_MAX, TYPES, VALUE_FUNCTIONS } from "./builtins.ts";
import { REFUSED, SHAPES } from "./grammar.ts";
import { type Mentions, mentionsOf } from "./mentions.ts";
import { shown } from "./names.ts";
import { parse, refusal, type Tree } from "./parser.ts";
import { unitsOfBytes } from "./position.ts";

/** A statement that was read and found harmless as far as its text can tell. */
export type Statement = {
  text: string;
  /** Functions it calls, as written; `pg_catalog.` left off. */
  functions: string[];
  /** Operators looked up by name alone, which another schema could define as well. */
  operators: string[];
  mentions: Mentions;
};

/**
 * Reads one SELECT with the real grammar and refuses whatever is not known to be harmless.
 * Nothing runs here. What only the database can tell (is `public.upper` somebody's own function?)
 * is asked in resolve.ts.
 */
export async function readStatement(text: string, allowedFunctions: readonly string[]): Promise<Statement> {
  const hidden = HIDDEN.exec(text);
  if (hidden) {
    const code = (hidden[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
    throw refusal(
      `It holds the invisible character U+${code}, so people would read something else`,
      text,
      hidden.index,
    );
  }
  const statements = await parse(text);
  if (statements.length !== 1) throw refusal(`It must be one statement, not ${statements.length}`, text, null);
  const top = statements[0]?.stmt as Tree | undefined;
  const [kind] = Object.keys(top ?? {});
  if (!top || kind === undefined) throw refusal("It must be one SELECT", text, null);
  if (kind !== "SelectStmt") throw refusal(`It must be a SELECT: ${REFUSED[kind] ?? `${kind} is not one`}`, text, 0);

  const reading = new Reading(text, new Set(allowedFunctions));
  reading.wrapped(top, 0, 0);
  return {
    text,
    functions: [...reading.functions].sort(),
    operators: [...reading.operators].sort(),
    mentions: mentionsOf(top),
  };
}

/** Control, format and separator characters a reader cannot see, other than tab and line ends. */
const HIDDEN = /[\p{Cf}\p{Zl}\p{Zp}]|(?![\t\n\r])\p{Cc}/u;

class Reading {
  readonly functions = new Set<string>();
  readonly operators = new Set<string>(COMPARISONS);
  private readonly text: string;
  private readonly allowed: ReadonlySet<string>;

  constructor(text: string, allowed: ReadonlySet<string>) {
    this.text = text;
    this.allowed = allowed;
  }

  /** A node in its wrapper, a list of them, or the empty wrapper that stands for "nothing here". */
  wrapped(value: unknown, at: number, depth: number): void {
    if (Array.isArray(value)) {
      for (const item of value) this.wrapped(item, at, depth);
      return;
    }
    for (const [kind, node] of Object.entries(asTree(value))) this.node(kind, asTree(node), at, depth + 1);
  }

  private node(kind: string, node: Tree, outer: number, depth: number): void {
    const at = typeof node.location === "number" && node.location >= 0 ? node.location : outer;
    if (depth > LIMITS.statementDepth) this.refuse("It is nested too deeply", at);
    const shape = Object.hasOwn(SHAPES, kind) ? SHAPES[kind] : undefined;
    if (!shape) this.refuse(REFUSED[kind] ?? `${kind} is not on the list of what a statement may use`, at);
    this.particulars(kind, node, at);
    for (const [field, value] of Object.entries(node)) {
      const form = Object.hasOwn(shape, field) ? shape[field] : undefined;
      if (form === undefined) {
        const name = `${kind}.${field}`;
        this.refuse(REFUSED[name] ?? `${name} is not on the list of what a statement may use`, at);
      }
      if (form === "*") this.wrapped(value, at, depth);
      else if (form !== "-") this.node(form, asTree(value), at, depth + 1);
    }
  }

  private particulars(kind: string, node: Tree, at: number): void {
    if (kind === "FuncCall") this.functionCall(node, at);
    else if (kind === "A_Expr") this.operator(strings(node.name), at);
    else if (kind === "SubLink") this.operator(strings(node.operName), at);
    else if (kind === "TypeName") this.type(strings(node.names), at);
    else if (kind === "RangeVar") this.relation(node, at);
    else if (kind === "CollateClause") this.collation(strings(node.collname), at);
    else if (kind === "SQLValueFunction" && !VALUE_FUNCTIONS.has(String(node.op))) {
      this.refuse(`${String(node.op).replace("SVFOP_", "")} tells about the session`, at);
    } else if (kind === "SelectStmt" && !node.targetList && !node.valuesLists && !node.larg) {
      this.refuse("A SELECT without columns has nothing to export", at);
    }
  }

  private functionCall(node: Tree, at: number): void {
    const parts = strings(node.funcname);
    const [name, schema] = [parts.at(-1) ?? "", parts.length > 1 ? parts.slice(0, -1).join(".") : null];
    const known = (schema === null || schema === "pg_catalog") && FUNCTIONS.has(name);
    if (!known && !this.configured(schema, name)) {
      this.refuse(`The function ${shown(parts.join("."))} is not on the list of what a statement may call`, at);
    }
    if (PADDING.has(name)) this.padding(name, node, at);
    this.functions.add(schema === null || schema === "pg_catalog" ? name : `${schema}.${name}`);
  }

  private configured(schema: string | null, name: string): boolean {
    if (schema === null) return [name, `public.${name}`, `pg_catalog.${name}`].some((entry) => this.allowed.has(entry));
    return this.allowed.has(`${schema}.${name}`);
  }

  private padding(name: string, node: Tree, at: number): void {
    const length = asTree(asTree(Array.isArray(node.args) ? node.args[1] : null).A_Const).ival;
    const value = length === undefined ? null : (asTree(length).ival ?? 0);
    if (typeof value !== "number" || value > PADDING_MAX) {
      this.refuse(`The length in ${name} must be a number up to ${PADDING_MAX}`, at);
    }
  }

  private operator(parts: string[], at: number): void {
    const name = parts.at(-1);
    if (name === undefined) return;
    if (parts.length === 1) this.operators.add(name);
    else if (parts.length !== 2 || parts[0] !== "pg_catalog") {
      this.refuse(`The operator ${shown(parts.join("."))} is not one of Postgres's own`, at);
    }
  }

  private type(parts: string[], at: number): void {
    const own = parts[0] === "pg_catalog" ? parts.slice(1) : parts;
    if (own.length !== 1 || !TYPES.has(own[0] ?? "")) {
      this.refuse(`The type ${shown(parts.join("."))} is not on the list of what a statement may cast to`, at);
    }
  }

  private collation(parts: string[], at: number): void {
    if (parts.length > 1 && parts[0] !== "pg_catalog") this.refuse("The collation is not one of Postgres's own", at);
  }

  private relation(node: Tree, at: number): void {
    const schema = typeof node.schemaname === "string" ? node.schemaname : null;
    const name = String(node.relname ?? "");
    if (schema === "information_schema" || (schema ?? name).startsWith("pg_")) {
      this.refuse(
        `${shown(schema === null ? name : `${schema}.${name}`)} is the system catalog, not the target's data`,
        at,
      );
    }
  }

  private refuse(sentence: string, at: number): never {
    throw refusal(sentence, this.text, unitsOfBytes(this.text, at));
  }
}

/** Looked up by name even where none is written: BETWEEN, IN, CASE and USING stand for these. */
const COMPARISONS = ["=", "<>", "<", "<=", ">", ">="];

function asTree(value: unknown): Tree {
  return typeof value === "object" && value !== null ? (value as Tree) : {};
}

function strings(list: unknown): string[] {
  if (!Array.isArray(list)) return [];
  return list.map((item) => String(asTree(asTree(item).String).sval ?? ""));
}
