import type { ASTNode, Environment } from "@marcbachmann/cel-js";
import { LIMITS } from "../core/limits.ts";
import type { Json } from "../core/request.ts";
import { childrenOf, LOOPS } from "./condition-check.ts";

/** One clause of a condition (they are joined by &&), how it came out, and the facts it read. */
export type TracedClause = {
  text: string;
  result: "true" | "false" | "error";
  error: string | null;
  values: { name: string; value: Json }[];
};

/** Wraps a whole condition: a macro sees its parts and can evaluate each by itself. */
export const TRACE = "countersign_trace";

type Evaluator = { run(node: ASTNode, context: unknown): unknown };
type Checker = { check(node: ASTNode, context: unknown): unknown; getType(name: string): unknown };
type Macro = { condition: ASTNode };

/** A copy of the environment in which a traced condition gives its clauses instead of its value. */
export function registerTrace(environment: Environment): Environment {
  const tracing = environment.clone({
    limits: { maxAstNodes: LIMITS.policyAstNodes + 2, maxDepth: LIMITS.policyAstDepth + 1 },
  });
  tracing.registerFunction(`${TRACE}(ast): dyn`, ({ args }: { args: ASTNode[] }) => ({
    condition: args[0],
    typeCheck(checker: Checker, macro: Macro, context: unknown) {
      checker.check(macro.condition, context);
      return checker.getType("dyn");
    },
    evaluate(evaluator: Evaluator, macro: Macro, context: unknown) {
      return clausesOf(macro.condition).map((clause) => traced(clause, (node) => evaluator.run(node, context)));
    },
  }));
  return tracing;
}

function clausesOf(node: ASTNode): ASTNode[] {
  return node.op === "&&" ? node.args.flatMap(clausesOf) : [node];
}

function traced(clause: ASTNode, run: (node: ASTNode) => unknown): TracedClause {
  const reads = readsOf(clause, []).slice(0, LIMITS.explainedValues);
  const values = reads.map((node) => ({ name: sourceOf(node), value: attempt(() => jsonOf(run(node), 0), null) }));
  const unique = values.filter((one, index) => values.findIndex((other) => other.name === one.name) === index);
  const text = sourceOf(clause);
  try {
    const result = run(clause);
    if (typeof result === "boolean") return { text, result: result ? "true" : "false", error: null, values: unique };
    return { text, result: "error", error: "It gave neither true nor false.", values: unique };
  } catch (cause) {
    const summary = (cause as { summary?: unknown }).summary;
    const error = typeof summary === "string" ? summary.slice(0, LIMITS.explainedChars) : "It could not be evaluated.";
    return { text, result: "error", error, values: unique };
  }
}

/** The facts a clause reads: chains of fields that begin at a fact, not at the variable of a loop. */
function readsOf(node: ASTNode, loopVariables: string[]): ASTNode[] {
  if (isChain(node)) return rootOf(node) && !loopVariables.includes(rootOf(node) ?? "") ? [node] : [];
  if (node.op !== "rcall") return childrenOf(node).flatMap((child) => readsOf(child, loopVariables));
  const [name, receiver, args] = node.args;
  const variable = args[0];
  if (!LOOPS.includes(name) || variable?.op !== "id") {
    return childrenOf(node).flatMap((child) => readsOf(child, loopVariables));
  }
  const inside = [...loopVariables, variable.args];
  return [...readsOf(receiver, loopVariables), ...args.slice(1).flatMap((child) => readsOf(child, inside))];
}

function isChain(node: ASTNode): boolean {
  if (node.op === "id") return true;
  return (node.op === "." || node.op === ".?") && isChain(node.args[0]);
}

function rootOf(node: ASTNode): string | null {
  if (node.op === "id") return node.args;
  return node.op === "." || node.op === ".?" ? rootOf(node.args[0]) : null;
}

/** Ranges leave out parentheses around their ends; put back what is missing. */
function sourceOf(node: ASTNode): string {
  const text = node.input.slice(node.start, node.end).replace(/\s+/g, " ").trim();
  const outside = text.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, "");
  let open = 0;
  let missing = 0;
  for (const character of outside) {
    if (character === "(") open += 1;
    if (character !== ")") continue;
    if (open > 0) open -= 1;
    else missing += 1;
  }
  const whole = `${"(".repeat(missing)}${text}${")".repeat(open)}`;
  return whole.length > LIMITS.explainedChars ? `${whole.slice(0, LIMITS.explainedChars)}…` : whole;
}

function attempt<T>(run: () => T, otherwise: T): T {
  try {
    return run();
  } catch {
    return otherwise;
  }
}

/** Bounded: an explanation is for people, the facts themselves are stored elsewhere. */
function jsonOf(value: unknown, depth: number): Json {
  if (value === null || value === undefined || typeof value === "boolean" || typeof value === "number") {
    return value ?? null;
  }
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  if (typeof value === "string") {
    return value.length > LIMITS.explainedChars ? `${value.slice(0, LIMITS.explainedChars)}…` : value;
  }
  if (value instanceof Date) return value.toISOString();
  if (depth > 3) return "…";
  if (Array.isArray(value)) {
    const shown: Json[] = value.slice(0, LIMITS.explainedValues).map((item) => jsonOf(item, depth + 1));
    return value.length > shown.length ? [...shown, `… and ${value.length - shown.length} more`] : shown;
  }
  if (value instanceof Map) {
    const entries = [...value.entries()].slice(0, LIMITS.explainedValues);
    return Object.fromEntries(entries.map(([key, item]) => [String(key), jsonOf(item, depth + 1)]));
  }
  return String(value).slice(0, LIMITS.explainedChars);
}
