import type { ASTNode } from "@marcbachmann/cel-js";
import { z } from "zod";
import type { ActionSchema } from "../actions/action.ts";
import { childrenOf, type Problem } from "./condition-check.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** Names of the action's arguments, when its schema has a closed list of them. */
export function argumentNamesOf(action: ActionSchema): string[] | null {
  const schema = z.toJSONSchema(action.arguments, { io: "input", unrepresentable: "any" });
  if (schema.type !== "object" || schema.additionalProperties !== false) return null;
  return Object.keys(schema.properties ?? {});
}

/** Literals that are compared with a name of the configuration, and do not name anything there. */
export function literalProblems(ast: ASTNode, vocabulary: Vocabulary): Problem[] {
  const own = comparisonsOf(ast).flatMap(({ fact, literal }): Problem[] => {
    const known = knownFor(fact, vocabulary);
    if (!known || known.names.includes(literal.text)) return [];
    const message = `there is no ${known.kind} "${literal.text}"; known: ${known.names.join(", ")}`;
    return [{ message, offset: literal.offset }];
  });
  return [...own, ...childrenOf(ast).flatMap((child) => literalProblems(child, vocabulary))];
}

function knownFor(fact: string, vocabulary: Vocabulary): { kind: string; names: string[] } | null {
  const { targets, groups } = vocabulary;
  switch (fact) {
    case "target.name":
      return targets ? { kind: "target", names: targets.map((target) => target.name) } : null;
    case "target.environment":
      return targets ? { kind: "environment", names: [...new Set(targets.map((one) => one.environment))] } : null;
    case "subject.groups":
      return { kind: "group", names: groups };
    case "action.type":
      return { kind: "action type", names: vocabulary.actions.map((action) => action.type) };
    default:
      return null;
  }
}

type Comparison = { fact: string; literal: { text: string; offset: number } };

/** `fact == "x"`, `fact != "x"`, `fact in ["x", …]` and `"x" in fact`. */
function comparisonsOf(node: ASTNode): Comparison[] {
  if (node.op !== "==" && node.op !== "!=" && node.op !== "in") return [];
  const [left, right] = node.args;
  return [...compared(left, right), ...compared(right, left)];
}

function compared(fact: ASTNode, other: ASTNode): Comparison[] {
  if (fact.op !== "." || fact.args[0].op !== "id") return [];
  const name = `${fact.args[0].args}.${fact.args[1]}`;
  const literals = other.op === "list" ? other.args : [other];
  return literals.flatMap((literal): Comparison[] => {
    if (literal.op !== "value" || typeof literal.args !== "string") return [];
    return [{ fact: name, literal: { text: literal.args, offset: literal.start } }];
  });
}
