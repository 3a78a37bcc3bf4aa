import { literal, literalBlock } from "./literal.ts";

/**
 * Text that somebody else wrote, made fit for places that render Markdown (Temporal's pages): it shows
 * as the characters it is, and never as a link, an image, HTML, a heading, or a line that seems ours.
 */

/** One line: white space collapsed, Markdown escaped, addresses broken so that nothing becomes a link. */
export function markdownLine(text: string, maxChars: number): string {
  return literal(text.replace(/\s+/g, " ").trim(), maxChars)
    .replace(/[\\`*_{}[\]()#+\-!|~<>&@]/g, "\\$&")
    .replace(/:\/\//g, ":\\/\\/")
    .replace(/www\./gi, "www\\.");
}

/** A fenced block, verbatim; the fence is longer than any run of backticks in the text. */
export function markdownBlock(text: string, maxChars: number, language = ""): string {
  const body = literalBlock(text.replace(/\r\n?/g, "\n"), maxChars);
  const longest = Math.max(0, ...[...body.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(Math.max(3, longest + 1));
  return `${fence}${language}\n${body}\n${fence}`;
}
