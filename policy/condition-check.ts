import type { ASTNode } from "@marcbachmann/cel-js";
import type { FactTypes } from "../actions/action.ts";
import { LIMITS } from "../core/limits.ts";
import { compilePattern, type Pattern } from "./re2.ts";

/** What is wrong with a condition, and at which character of its text. */
export type Problem = { message: string; offset: number };

export type Names = {
  types: FactTypes;
  /** Names of the action's arguments; null when they cannot be told. */
  argumentNames: string[] | null;
  /** Filled with the patterns found, compiled once. */
  patterns: Map<string, Pattern>;
};

/** Rules the type checker does not have: names behind `has` and `.?`, patterns, and what could run for ever. */
export function problemsOf(ast: ASTNode, names: Names): Problem[] {
  return visit(ast, { names, shadowed: [], loops: 0, mayMiss: false });
}

type Scope = {
  names: Names;
  /** Variables of the loops around this place. */
  shadowed: string[];
  loops: number;
  /** Inside `has(…)`. */
  mayMiss: boolean;
};

export const LOOPS = ["all", "exists", "exists_one", "map", "filter"];

function visit(node: ASTNode, scope: Scope): Problem[] {
  switch (node.op) {
    case "id":
      return node.args === "cel" ? [{ message: "cel.bind is not available", offset: node.start }] : [];
    case ".":
    case ".?":
      return [...fieldProblems(node, node.args[0], node.args[1], scope), ...visitAll([node.args[0]], scope)];
    case "[]":
    case "[?]": {
      const [base, index] = node.args;
      const named = index.op === "value" && typeof index.args === "string";
      return [
        ...(named ? fieldProblems(node, base, String(index.args), scope) : []),
        ...visitAll([base, index], scope),
      ];
    }
    case "call":
      return visitCall(node, node.args[0], node.args[1], scope);
    case "rcall":
      return visitMethod(node, node.args[0], node.args[1], node.args[2], scope);
    default:
      return visitAll(childrenOf(node), scope);
  }
}

function visitAll(nodes: ASTNode[], scope: Scope): Problem[] {
  return nodes.flatMap((node) => visit(node, { ...scope, mayMiss: false }));
}

function visitCall(node: ASTNode, name: string, args: ASTNode[], scope: Scope): Problem[] {
  if (name === "matches") return [matchesRefused(node)];
  const pattern = name === "re2" ? patternProblems(node, args[1], scope) : [];
  return [...pattern, ...args.flatMap((child) => visit(child, { ...scope, mayMiss: name === "has" }))];
}

function visitMethod(node: ASTNode, name: string, receiver: ASTNode, args: ASTNode[], scope: Scope): Problem[] {
  if (name === "matches") return [matchesRefused(node)];
  const variable = args[0];
  if (!LOOPS.includes(name) || variable?.op !== "id") return visitAll([receiver, ...args], scope);
  const loops = scope.loops + 1;
  if (loops > LIMITS.policyLoops) {
    const message = `more than ${LIMITS.policyLoops} loops (${LOOPS.join(", ")}) inside or behind one another`;
    return [{ message, offset: node.start }];
  }
  const shadowed = [...scope.shadowed, variable.args];
  return [...visitAll([receiver], { ...scope, loops }), ...visitAll(args.slice(1), { ...scope, loops, shadowed })];
}

function matchesRefused(node: ASTNode): Problem {
  const message =
    '"matches" is not available, because one hostile text can keep it busy for minutes; use re2(text, "pattern")';
  return { message, offset: node.start };
}

function patternProblems(node: ASTNode, argument: ASTNode | undefined, scope: Scope): Problem[] {
  if (argument?.op !== "value" || typeof argument.args !== "string") {
    const message = 're2 takes a pattern written in the condition itself: re2(text, "pattern")';
    return [{ message, offset: argument?.start ?? node.start }];
  }
  const compiled = compilePattern(argument.args);
  if (!compiled.ok) return [{ message: compiled.message, offset: argument.start }];
  scope.names.patterns.set(argument.args, compiled.pattern);
  return [];
}

/** A fact that does not exist is a mistake even where a missing one would be forgiven. */
function fieldProblems(node: ASTNode, base: ASTNode, field: string, scope: Scope): Problem[] {
  if (base.op !== "id" || scope.shadowed.includes(base.args)) return [];
  const { types, argumentNames } = scope.names;
  const namespace = base.args;
  const dotted = node.op === "." || node.op === ".?";
  const offset = dotted ? node.end - field.length : node.start;
  if (Object.hasOwn(types, namespace) && !Object.hasOwn(types[namespace] ?? {}, field)) {
    const known = Object.keys(types[namespace] ?? {}).join(", ");
    return [{ message: `there is no fact ${namespace}.${field}; ${namespace} has ${known}`, offset }];
  }
  const forgiven = scope.mayMiss || node.op === ".?" || node.op === "[?]";
  if (namespace !== "args" || !argumentNames || forgiven || argumentNames.includes(field)) return [];
  const known = argumentNames.join(", ");
  const message = `the action has no argument "${field}"; it has ${known}. Where it may be missing, write args.?${field}`;
  return [{ message, offset }];
}

export function childrenOf(node: ASTNode): ASTNode[] {
  switch (node.op) {
    case "value":
    case "id":
      return [];
    case ".":
    case ".?":
      return [node.args[0]];
    case "call":
      return node.args[1];
    case "rcall":
      return [node.args[1], ...node.args[2]];
    case "map":
      return node.args.flat();
    case "list":
      return node.args;
    case "!_":
    case "-_":
      return [node.args];
    default:
      return node.args;
  }
}
