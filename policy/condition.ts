import { type ASTNode, Environment } from "@marcbachmann/cel-js";
import type { FactType, FactTypes } from "../actions/action.ts";
import { LIMITS } from "../core/limits.ts";
import { childrenOf, type Problem, problemsOf } from "./condition-check.ts";
import { literalProblems } from "./condition-names.ts";
import { registerTrace, TRACE, type TracedClause } from "./condition-trace.ts";
import type { FactValues } from "./facts.ts";
import type { Pattern } from "./re2.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** The only file that knows which library evaluates conditions. Stored with every evaluation. */
export const ENGINE = "@marcbachmann/cel-js 8.0.0";

/** A condition that passed every check for one action type. */
export type Condition = {
  evaluate(values: FactValues): { value: boolean } | { error: string };
  /** Its clauses one by one, each with the facts it read. */
  trace(values: FactValues): TracedClause[];
};

export type ConditionCompiler = {
  compile(text: string): { ok: true; condition: Condition } | { ok: false; problems: Problem[] };
};

/** The names conditions on one action type may use, and everything they may call. */
export function createConditionCompiler(
  types: FactTypes,
  argumentNames: string[] | null,
  vocabulary: Vocabulary,
): ConditionCompiler {
  const patterns = new Map<string, Pattern>();
  const environment = environmentOf(types, patterns);
  const tracing = registerTrace(environment);

  return {
    compile(text) {
      const parsed = parse(environment, text);
      if (!parsed.ok) return { ok: false, problems: [parsed.problem] };
      const literals = new Map<string, Pattern>();
      const { ast } = parsed.expression;
      const problems = [
        ...problemsOf(ast, { types, argumentNames, patterns: literals }),
        ...literalProblems(ast, vocabulary),
      ];
      if (problems.length > 0) return { ok: false, problems };
      const checked = parsed.expression.check();
      if (!checked.valid) return { ok: false, problems: [problemOf(checked.error)] };
      if (checked.type !== "bool") {
        const message = `a condition must be true or false, and this one is of type ${checked.type}`;
        return { ok: false, problems: [{ message, offset: 0 }] };
      }
      for (const [literal, pattern] of literals) patterns.set(literal, pattern);
      const condition = conditionOf(parsed.expression, () => traceOf(tracing, text));
      if (!readsFacts(ast) && !isTrue(condition)) {
        return { ok: false, problems: [{ message: "this can never be true", offset: 0 }] };
      }
      return { ok: true, condition };
    },
  };
}

type Expression = ReturnType<Environment["parse"]>;

function environmentOf(types: FactTypes, patterns: Map<string, Pattern>): Environment {
  const environment = new Environment({
    enableOptionalTypes: true,
    limits: { maxAstNodes: LIMITS.policyAstNodes, maxDepth: LIMITS.policyAstDepth },
  });
  for (const [name, fields] of Object.entries(types)) {
    const schema = Object.fromEntries(Object.entries(fields).map(([field, type]) => [field, celTypeOf(type)]));
    environment.registerVariable({ name, schema });
  }
  environment.registerVariable("args", "map");
  environment.registerVariable("now", celTypeOf("timestamp"));
  environment.registerFunction("re2(string, string): bool", (text: string, literal: string) => {
    const pattern = patterns.get(literal);
    if (!pattern) throw new Error("re2 takes a pattern that is written in the condition itself");
    return pattern.test(text);
  });
  return environment;
}

function celTypeOf(type: FactType): string {
  return type === "timestamp" ? "google.protobuf.Timestamp" : type;
}

function readsFacts(ast: ASTNode): boolean {
  return ast.op === "id" || childrenOf(ast).some(readsFacts);
}

function isTrue(condition: Condition): boolean {
  const result = condition.evaluate(new Map());
  return "value" in result && result.value;
}

function parse(
  environment: Environment,
  text: string,
): { ok: true; expression: Expression } | { ok: false; problem: Problem } {
  try {
    return { ok: true, expression: environment.parse(text) };
  } catch (cause) {
    return { ok: false, problem: problemOf(cause) };
  }
}

function conditionOf(expression: Expression, tracer: () => (values: FactValues) => TracedClause[]): Condition {
  return {
    evaluate(values) {
      try {
        const value: unknown = expression(values as unknown as Record<string, unknown>);
        if (typeof value === "boolean") return { value };
        return { error: "The condition gave neither true nor false." };
      } catch (cause) {
        return { error: summaryOf(cause) };
      }
    },
    trace: (values) => tracer()(values),
  };
}

/** Parsed again, inside the tracing call, only when somebody asks for an explanation. */
function traceOf(tracing: Environment, text: string): (values: FactValues) => TracedClause[] {
  const expression = tracing.parse(`${TRACE}(${text}\n)`);
  expression.check();
  return (values) => expression(values as unknown as Record<string, unknown>) as TracedClause[];
}

/** Names of what went wrong, never the library's drawing of the source: the YAML has its own lines. */
function summaryOf(cause: unknown): string {
  const summary = (cause as { summary?: unknown }).summary;
  const text = typeof summary === "string" ? summary : "The condition could not be evaluated.";
  return text.slice(0, LIMITS.explainedChars);
}

function problemOf(cause: unknown): Problem {
  // Anything but an error of the library's own (a stack overflow, say) means that it is too complex to judge.
  const range = (cause as { range?: { start: number } }).range;
  if (!range && cause instanceof RangeError) return { message: "the condition is nested too deeply", offset: 0 };
  return { message: summaryOf(cause), offset: range?.start ?? 0 };
}
