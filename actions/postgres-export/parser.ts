import { Worker } from "node:worker_threads";
import { CountersignError } from "../../core/errors.ts";
import { LIMITS } from "../../core/limits.ts";
import type { ParserAnswer } from "./parser-thread.ts";
import { columnOf } from "./position.ts";

/** A node of the parse tree as libpg-query writes it: fields by name, nodes wrapped in an object named like their kind. */
export type Tree = { [field: string]: unknown };

/**
 * Parses with PostgreSQL's own grammar, in a thread of its own. A statement nested deeply enough
 * overflows the WebAssembly stack, and a few dozen of those leave the module unable to parse
 * anything (measured with 18.1.5), so a thread that broke is thrown away.
 */
export async function parse(text: string): Promise<Tree[]> {
  last = last.then(() => ask(text));
  const answer = await last;
  if (answer.kind === "syntax") {
    throw refusal(`It is not SQL: ${answer.message}`, text, codePointsToUnits(text, answer.position));
  }
  if (answer.kind === "broken") {
    throw new CountersignError("STATEMENT_REFUSED", "It is nested too deeply to be read.", { pointer: POINTER });
  }
  const tree = answer.tree as { stmts?: Tree[] };
  return tree.stmts ?? [];
}

const POINTER = "/arguments/statement";

/** The error for one place in a statement; `at` counts UTF-16 units from 0. */
export function refusal(sentence: string, text: string, at: number | null): CountersignError {
  if (at === null) return new CountersignError("STATEMENT_REFUSED", `${sentence}.`, { pointer: POINTER });
  const { line, column } = columnOf(text, at);
  return new CountersignError("STATEMENT_REFUSED", `${sentence} (line ${line}, column ${column}).`, {
    pointer: POINTER,
    findings: [{ message: sentence, pointer: POINTER, file: null, line, column }],
  });
}

// One statement at a time: an answer then belongs to the one question that is open.
let last: Promise<ParserAnswer> = Promise.resolve({ kind: "broken" });
let thread: Worker | null = null;

async function ask(text: string): Promise<ParserAnswer> {
  thread ??= start();
  const worker = thread;
  const answer = await new Promise<ParserAnswer>((resolve) => {
    const timer = setTimeout(() => done({ kind: "broken" }), LIMITS.parseSeconds * 1000);
    const failed = () => done({ kind: "broken" });
    function done(value: ParserAnswer): void {
      clearTimeout(timer);
      worker.off("message", done).off("error", failed).off("exit", failed).unref();
      resolve(value);
    }
    worker.ref();
    worker.once("message", done).once("error", failed).once("exit", failed);
    worker.postMessage(text);
  });
  if (answer.kind === "broken") {
    thread = null;
    await worker.terminate();
  }
  return answer;
}

function start(): Worker {
  const worker = new Worker(new URL("./parser-thread.ts", import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: 256, stackSizeMb: 4 },
  });
  worker.unref();
  // Without a listener an error between two questions would end the process.
  worker.on("error", () => {
    thread = null;
  });
  return worker;
}

function codePointsToUnits(text: string, codePoints: number): number {
  return [...text].slice(0, codePoints).join("").length;
}
