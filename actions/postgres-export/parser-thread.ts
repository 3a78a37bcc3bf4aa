import { parentPort } from "node:worker_threads";
import { hasSqlDetails, loadModule, parseSync } from "libpg-query";

/** What the thread answers: the tree, a syntax error with its place (in code points from 0), or that it broke. */
export type ParserAnswer =
  | { kind: "tree"; tree: unknown }
  | { kind: "syntax"; message: string; position: number }
  | { kind: "broken" };

const port = parentPort;
if (port) {
  await loadModule();
  port.on("message", (text: string) => port.postMessage(answerTo(text)));
}

function answerTo(text: string): ParserAnswer {
  try {
    return { kind: "tree", tree: parseSync(text) };
  } catch (error) {
    if (hasSqlDetails(error)) {
      return { kind: "syntax", message: error.message, position: error.sqlDetails?.cursorPosition ?? 0 };
    }
    return { kind: "broken" };
  }
}
